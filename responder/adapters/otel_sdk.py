"""The OpenTelemetry SDK at work: what is told goes to processors and instruments, and from there out.

Heavy, and imported only when something is told for the first time.
"""

import logging
from collections.abc import Sequence

from responder.adapters.exporters import exporters, resource
from responder.adapters.otel_forms import line_of_log, readable
from responder.adapters.settings import Settings
from responder.core.span import Span
from responder.core.telemetry_names import COUNTED, GAUGED, SERVICE, VERSION, MetricName

FLUSH_SECONDS = 8.0


class Sdk:
    """Everything that the app tells, on its way out."""

    def __init__(self, settings: Settings) -> None:
        self._speaker = resource(settings)
        self._out = exporters(settings, self._speaker)
        meter = self._out.metrics.get_meter(SERVICE, VERSION)
        self.counters = {name: meter.create_counter(name.value) for name in COUNTED}
        self.gauges = {name: meter.create_gauge(name.value) for name in GAUGED}
        self.seconds = meter.create_histogram(MetricName.SECONDS.value, unit="s")

    def tell_round(self, spans: Sequence[Span]) -> None:
        """Spans of a round."""
        for span in spans:
            for processor in self._out.rounds:
                processor.on_end(readable(span, self._speaker))

    def tell_event(self, span: Span) -> None:
        """The span of an event."""
        for processor in self._out.events:
            processor.on_end(readable(span, self._speaker))

    def log(self, record: logging.LogRecord) -> None:
        """A line of log."""
        for processor in self._out.logs:
            processor.on_emit(line_of_log(record, self._speaker))

    def flush_rounds(self) -> None:
        """Send the spans of rounds that wait; everything else goes by itself."""
        for processor in self._out.rounds:
            processor.force_flush(int(FLUSH_SECONDS * 1000))

    def close(self) -> None:
        """Send everything that waits, and let the exporters go."""
        for processor in (*self._out.rounds, *self._out.events):
            processor.shutdown()  # type: ignore[no-untyped-call]
        for lines in self._out.logs:
            lines.shutdown()  # type: ignore[no-untyped-call]
        self._out.metrics.shutdown()
