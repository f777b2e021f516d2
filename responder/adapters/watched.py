"""OpenTelemetry's exporters, watched: what is not taken is told once, and a round's spans are sent again later.

A batch is kept in memory at most: an instance may be gone before its disk could be read. So a short outage costs no
trace of a remediation, and a long one costs the oldest.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricsData
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from responder.adapters.delivery import LastWord, Watch

MOST_KEPT = 5000
_AT_ONCE = 512


class WatchedSpans(SpanExporter):
    """Spans; those that were not taken are kept where `keeps`, and sent once more when something is taken again.

    What was taken in part is not sent again: nobody says which part, and spans that are there twice count twice.
    """

    def __init__(
        self, exporter: SpanExporter, watch: Watch, word: LastWord, partly: Callable[[], bool], *, keeps: bool
    ) -> None:
        self._exporter, self._watch, self._word, self._partly = exporter, watch, word, partly
        self._kept: deque[ReadableSpan] = deque(maxlen=MOST_KEPT if keeps else 0)
        self._lock = threading.Lock()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch, and then what was kept."""
        with self._lock:
            result = self._send(spans)
            if result is SpanExportResult.SUCCESS:
                self._send_kept()
            elif not self._partly():
                self._kept.extend(spans)
            return result

    def send_kept(self) -> None:
        """Send what was kept once more. What is refused again is given up: it may be its own fault."""
        with self._lock:
            self._send_kept()

    def _send_kept(self) -> None:
        while self._kept:
            batch = [self._kept.popleft() for _ in range(min(len(self._kept), _AT_ONCE))]
            if self._send(batch) is not SpanExportResult.SUCCESS:
                return

    def _send(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._word.take()
        result = self._exporter.export(spans)
        word = self._word.take()
        sampled_there = self._partly() and not word  # the service drops a part by its own setting, and says no word
        self._watch.saw("spans", result is SpanExportResult.SUCCESS or sampled_there, word)
        return result

    def shutdown(self) -> None:
        """Let its connections go."""
        self._exporter.shutdown()


class WatchedLogs(LogRecordExporter):
    """Lines of log."""

    def __init__(self, exporter: LogRecordExporter, watch: Watch, word: LastWord) -> None:
        self._exporter, self._watch, self._word = exporter, watch, word

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        """Send a batch."""
        self._word.take()
        result = self._exporter.export(batch)
        self._watch.saw("logs", result is LogRecordExportResult.SUCCESS, self._word.take())
        return result

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
