"""The SDK's batching processors and its meter, with one exporter for each destination and kind of telemetry.

What a round tells has a queue of its own: a storm of events fills theirs and drops the oldest, and must neither push a
remediation's trace out nor make it wait. Everything heavy is imported here and only when something is told for the
first time; without an exporter it is never imported.
"""

from dataclasses import dataclass

from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from responder.adapters.destinations import console, destinations
from responder.adapters.settings import Settings
from responder.core.telemetry_names import SERVICE, VERSION

_BATCH_EVERY = 2000  # milliseconds
_METRICS_EVERY = 60_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Exporters:
    """Everything that sends: processors of rounds' spans, of events' spans and of lines of log, and the meter."""

    rounds: tuple[BatchSpanProcessor, ...]
    events: tuple[BatchSpanProcessor, ...]
    logs: tuple[BatchLogRecordProcessor, ...]
    metrics: MeterProvider


def exporters(settings: Settings, speaker: Resource) -> Exporters:
    """One of each for each destination that is set; the console shows spans where there is no other."""
    places = destinations(settings)
    rounds = [_batched(place.spans()) for place in places]
    events = [_batched(place.spans()) for place in places]
    if not places and settings.console and not settings.trace_file:
        rounds = events = [_batched(console())]
    logs = [BatchLogRecordProcessor(place.logs(), schedule_delay_millis=_BATCH_EVERY) for place in places]
    readers = [PeriodicExportingMetricReader(place.metrics(), _METRICS_EVERY) for place in places]
    return Exporters(tuple(rounds), tuple(events), tuple(logs), MeterProvider(readers, speaker))


def _batched(exporter: SpanExporter) -> BatchSpanProcessor:
    return BatchSpanProcessor(exporter, schedule_delay_millis=_BATCH_EVERY)


def resource(settings: Settings) -> Resource:
    """Who speaks: the service, its version, and the function app where there is one."""
    told = {"service.name": SERVICE, "service.version": VERSION}
    if settings.site_name:
        told["faas.name"] = settings.site_name
    return Resource.create(told)
