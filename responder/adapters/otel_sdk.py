"""The OpenTelemetry SDK at work: what is told goes to processors and instruments, and from there out.

Heavy, and imported only when something is told for the first time.
"""

import logging
from collections.abc import Mapping, Sequence

from responder.adapters.exporters import exporters
from responder.adapters.otel_forms import is_answer, line_of_log, readable
from responder.adapters.settings import Settings
from responder.adapters.speaker import speaker
from responder.adapters.spread import Spread
from responder.core.span import Span
from responder.core.telemetry_names import COUNTED, GAUGED, SERVICE, VERSION, Attr, MetricName


class Sdk:
    """Everything that the app tells, on its way out."""

    def __init__(self, settings: Settings) -> None:
        self._speaker = speaker(settings)
        self._out = exporters(settings, self._speaker)
        self._spread = Spread()
        self._sampling = settings.event_sampling
        meter = self._out.metrics.get_meter(SERVICE, VERSION)
        self._counters = {name: meter.create_counter(name.value) for name in COUNTED}
        self._gauges = {name: meter.create_gauge(name.value) for name in GAUGED}
        self._seconds = meter.create_histogram(MetricName.SECONDS.value, unit="s")

    @property
    def failing(self) -> bool:
        """Whether a destination did not take something the last time: it is not worth waiting for."""
        return any(way.watch.failing for way in self._out.ways)

    def tell_round(self, spans: Sequence[Span]) -> None:
        """Spans of a round."""
        for span in spans:
            told = readable(span, self._speaker)
            for way in self._out.ways:
                way.rounds.on_end(told)
            if self._out.console:
                self._out.console.on_end(told)

    def tell_event(self, span: Span, sampled: bool) -> None:
        """The span of an event; `sampled` where it stands for others, too."""
        told = readable(span, self._speaker, self._sampling if sampled else 1.0)
        for way in self._out.ways:
            way.events.on_end(told)
        if self._out.console:
            self._out.console.on_end(told)

    def log(self, record: logging.LogRecord) -> None:
        """A line of log; of answers to events there may be a storm."""
        told, answers = line_of_log(record, self._speaker), is_answer(record)
        for way in self._out.ways:
            (way.answers if answers else way.lines).on_emit(told)

    def count(self, metric: MetricName, n: int, attributes: Mapping[Attr, str]) -> None:
        """Count so many more."""
        self._counters[metric].add(n, self._spread.within(metric, attributes))

    def measure(self, seconds: float, attributes: Mapping[Attr, str]) -> None:
        """How long something took."""
        self._seconds.record(seconds, self._spread.within(MetricName.SECONDS, attributes))

    def gauge(self, metric: MetricName, value: float, attributes: Mapping[Attr, str]) -> None:
        """What something is now."""
        self._gauges[metric].set(value, self._spread.within(metric, attributes))

    def flush_rounds(self) -> None:
        """Send the spans of rounds that wait; everything else goes by itself."""
        for way in self._out.ways:
            way.rounds.force_flush()
        if self._out.console:
            self._out.console.force_flush()

    def flush(self) -> None:
        """Send everything that waits, and what was not taken before."""
        self.flush_rounds()
        for way in self._out.ways:
            way.kept.send_kept()
            way.lines.force_flush()
            way.kept_lines.send_kept()
            way.numbers.force_flush()
            way.events.force_flush()
            way.answers.force_flush()

    def close(self) -> None:
        """Send everything that waits, the most important first, and let the exporters go."""
        for way in self._out.ways:
            way.rounds.force_flush()
            way.kept.send_kept()
            way.rounds.shutdown()  # type: ignore[no-untyped-call]
            way.lines.force_flush()
            way.kept_lines.send_kept()
            way.lines.shutdown()  # type: ignore[no-untyped-call]
        self._out.metrics.shutdown()
        for way in self._out.ways:
            way.events.shutdown()  # type: ignore[no-untyped-call]
            way.answers.shutdown()  # type: ignore[no-untyped-call]
            way.place.close()
        if self._out.console:
            self._out.console.shutdown()  # type: ignore[no-untyped-call]
        self._out.word.end()
