"""The SDK's batching processors and its meter, with one watched exporter for each destination and kind of telemetry.

What a round tells has a queue of its own, and so have the lines of log that are no answers to events: a storm of events
fills theirs and drops the oldest, and must neither push a remediation's trace or a stopped case out nor make it wait.
Everything heavy is imported here and only when something is told for the first time; without an exporter it is never
imported.
"""

from dataclasses import dataclass

from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from responder.adapters.delivery import LastWord, Watch
from responder.adapters.destinations import Destination, console, destinations
from responder.adapters.settings import Settings
from responder.adapters.watched import WatchedLogs, WatchedMetrics, WatchedSpans
from responder.core.telemetry_names import MetricName

MOST_WAITING = 8192
"""Spans of rounds that may wait to be sent: those of forty rounds with all the deployments that are told."""
SECONDS = (1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400)
"""Buckets of `responder.seconds`: from an event that is a second old to a verification that took a day."""
_BATCH_EVERY = 2000  # milliseconds
_METRICS_EVERY = 60_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Way:
    """Everything that sends to one destination."""

    place: Destination
    watch: Watch
    kept: WatchedSpans
    rounds: BatchSpanProcessor
    events: BatchSpanProcessor
    kept_lines: WatchedLogs
    lines: BatchLogRecordProcessor
    answers: BatchLogRecordProcessor
    numbers: PeriodicExportingMetricReader


@dataclass(frozen=True, slots=True)
class Exporters:
    """Everything that sends, the meter, and what listens to the exporters."""

    ways: tuple[Way, ...]
    console: BatchSpanProcessor | None
    metrics: MeterProvider
    word: LastWord


def exporters(settings: Settings, speaks: Resource) -> Exporters:
    """A way for each destination that is set; the console shows spans where there is no other."""
    word = LastWord()
    ways = tuple(_way(place, word) for place in destinations(settings))
    shown = settings.console and not ways and not settings.trace_file
    buckets = View(instrument_name=MetricName.SECONDS.value, aggregation=ExplicitBucketHistogramAggregation(SECONDS))
    meter = MeterProvider([way.numbers for way in ways], speaks, shutdown_on_exit=False, views=[buckets])
    word.begin()
    return Exporters(ways, BatchSpanProcessor(console()) if shown else None, meter, word)


def _way(place: Destination, word: LastWord) -> Way:
    watch = Watch(place.name)
    rounds = WatchedSpans(place.spans(), watch, word, place.partly, keeps=True)
    events = WatchedSpans(place.spans(), watch, word, place.partly, keeps=False)
    lines = WatchedLogs(place.logs(), watch, word, place.partly, keeps=True)
    answers = WatchedLogs(place.logs(), watch, word, place.partly, keeps=False)
    numbers = WatchedMetrics(place.metrics(), watch, word)
    return Way(
        place=place,
        watch=watch,
        kept=rounds,
        rounds=BatchSpanProcessor(rounds, max_queue_size=MOST_WAITING, schedule_delay_millis=_BATCH_EVERY),
        events=BatchSpanProcessor(events, schedule_delay_millis=_BATCH_EVERY),
        kept_lines=lines,
        lines=BatchLogRecordProcessor(lines, schedule_delay_millis=_BATCH_EVERY),
        answers=BatchLogRecordProcessor(answers, schedule_delay_millis=_BATCH_EVERY),
        numbers=PeriodicExportingMetricReader(numbers, _METRICS_EVERY),
    )
