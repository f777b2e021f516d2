"""OpenTelemetry's exporters, watched: what is not taken is told once, and what matters most is sent again later.

That are the spans of rounds, and the lines of log that alerts hang on. They are kept in memory: an instance may be gone
before its disk could be read. So a short outage costs no trace of a remediation and no ticket; a long one, the oldest.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricsData
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from responder.adapters.delivery import LastWord, Watch

MOST_KEPT = 5000
_AT_ONCE = 512
_Told = TypeVar("_Told")


class Again(Generic[_Told]):
    """What was not taken, the newest of it, to be sent once more when something is taken again.

    What was taken in part is not sent again: nobody says which part, and what is there twice counts twice.
    """

    def __init__(self, send: Callable[[Sequence[_Told]], bool], partly: Callable[[], bool], *, keeps: bool) -> None:
        self._send, self._partly = send, partly
        self._kept: deque[_Told] = deque(maxlen=MOST_KEPT if keeps else 0)
        self._lock = threading.Lock()

    def sent(self, batch: Sequence[_Told]) -> bool:
        """Send a batch, and then what was kept; whether the batch was taken."""
        with self._lock:
            taken = self._send(batch)
            if taken:
                self._send_kept(gives_up=True)
            elif not self._partly():
                self._kept.extend(batch)
            return taken

    def send_kept(self) -> None:
        """Send what was kept once more; what is refused is kept on, for nobody may be there yet."""
        with self._lock:
            self._send_kept(gives_up=False)

    def _send_kept(self, *, gives_up: bool) -> None:
        """What is refused while other things are taken is given up: it may be its own fault."""
        while self._kept:
            batch = [self._kept.popleft() for _ in range(min(len(self._kept), _AT_ONCE))]
            if not self._send(batch):
                if not gives_up and not self._partly():
                    self._kept.extendleft(reversed(batch))
                return


class WatchedSpans(SpanExporter):
    """Spans; those that were not taken are kept where `keeps`."""

    def __init__(
        self, exporter: SpanExporter, watch: Watch, word: LastWord, partly: Callable[[], bool], *, keeps: bool
    ) -> None:
        self._exporter, self._watch, self._word, self._partly = exporter, watch, word, partly
        self._again = Again(self._send, partly, keeps=keeps)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch, and then what was kept."""
        return SpanExportResult.SUCCESS if self._again.sent(spans) else SpanExportResult.FAILURE

    def send_kept(self) -> None:
        """Send what was kept once more."""
        self._again.send_kept()

    def _send(self, spans: Sequence[ReadableSpan]) -> bool:
        self._word.take()
        taken = self._exporter.export(spans) is SpanExportResult.SUCCESS
        word = self._word.take()
        sampled_there = self._partly() and not word  # the service drops a part by its own setting, and says no word
        self._watch.saw("spans", taken or sampled_there, word)
        return taken

    def shutdown(self) -> None:
        """Let its connections go."""
        self._exporter.shutdown()


class WatchedLogs(LogRecordExporter):
    """Lines of log; those that were not taken are kept where `keeps`."""

    def __init__(
        self, exporter: LogRecordExporter, watch: Watch, word: LastWord, partly: Callable[[], bool], *, keeps: bool
    ) -> None:
        self._exporter, self._watch, self._word = exporter, watch, word
        self._again = Again(self._send, partly, keeps=keeps)

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        """Send a batch, and then what was kept."""
        return LogRecordExportResult.SUCCESS if self._again.sent(batch) else LogRecordExportResult.FAILURE

    def send_kept(self) -> None:
        """Send what was kept once more."""
        self._again.send_kept()

    def _send(self, batch: Sequence[ReadableLogRecord]) -> bool:
        self._word.take()
        taken = self._exporter.export(batch) is LogRecordExportResult.SUCCESS
        self._watch.saw("logs", taken, self._word.take())
        return taken

    def force_flush(self, timeout_millis: int = 10_000) -> bool:
        """Nothing waits here."""
        return self._exporter.force_flush(timeout_millis)

    def shutdown(self) -> None:
        """Let its connections go."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]


class WatchedMetrics(MetricExporter):
    """Numbers."""

    def __init__(self, exporter: MetricExporter, watch: Watch, word: LastWord) -> None:
        super().__init__(exporter._preferred_temporality, exporter._preferred_aggregation)
        self._exporter, self._watch, self._word = exporter, watch, word

    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **options: Any) -> MetricExportResult:
        """Send what was counted and measured."""
        self._word.take()
        result = self._exporter.export(metrics_data, timeout_millis=timeout_millis, **options)
        self._watch.saw("metrics", result is MetricExportResult.SUCCESS, self._word.take())
        return result

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        """Nothing waits here."""
        return self._exporter.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000, **options: Any) -> None:
        """Let its connections go."""
        self._exporter.shutdown(timeout_millis=timeout_millis, **options)
