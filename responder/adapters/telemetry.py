"""What the app tells about its work: spans, metrics and one line of log per change of state.

No failure in here touches the work. Every exception is caught in one place, counted, and logged once per kind, so
that a collector that is down for a day costs one line and not a flood. Leave the worker's own telemetry switches
unset: the app sets up the SDK itself.
"""

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from responder.adapters.settings import Settings
from responder.adapters.span_file import write_spans
from responder.core.span import Span
from responder.core.telemetry_names import COUNTED, GAUGED, SERVICE, VERSION, Attr, MetricName

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

FLUSH_SECONDS = 8.0
_REMEMBERED = 1000
_log = logging.getLogger("responder")
_Told = tuple[str, str, int]


def start_telemetry(settings: Settings) -> "Telemetry":
    """The one telemetry of the process; nothing heavy happens before the first span or number."""
    return Telemetry(settings)


class Telemetry:
    """Tells finished spans, counts, and logs. No method raises."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._exports = bool(settings.otlp_endpoint or settings.application_insights)
        self._told: OrderedDict[_Told, None] = OrderedDict()
        self._sdk: _Sdk | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="telemetry")
        self.failures: Counter[str] = Counter()

    @property
    def listens(self) -> bool:
        """Whether spans go anywhere: where they do not, none need be made."""
        return self._exports or self._settings.console or bool(self._settings.trace_file)

    def tell(self, span: Span) -> None:
        """Tell one finished span."""
        self.tell_all((span,))

    def tell_event(self, span: Span) -> None:
        """Tell an event's span: its ids were drawn for it alone, so it cannot have been told already."""
        self._tell((span,))

    def tell_all(self, spans: Sequence[Span]) -> None:
        """Tell finished spans; what this process has told already, word for word, is left out."""
        with self._guarded("spans"):
            self._tell(tuple(span for span in spans if self._is_news(span)))

    def _tell(self, fresh: tuple[Span, ...]) -> None:
        if not fresh:
            return
        if self._settings.trace_file:
            with self._guarded("trace-file"):
                write_spans(self._settings.trace_file, fresh)
        if self._exports or self._settings.console:
            with self._guarded("export"):
                self._started().tell(fresh)

    async def flush(self) -> None:
        """Send what is waiting, off the event loop; gives up after `FLUSH_SECONDS`."""
        sdk = self._sdk
        if sdk is None:
            return
        with self._guarded("flush"):
            # A thread of its own: a dead collector must not use up the worker's few.
            done = asyncio.get_running_loop().run_in_executor(self._thread, sdk.flush)
            async with asyncio.timeout(FLUSH_SECONDS):
                await done

    async def close(self) -> None:
        """Flush and let the exporters go."""
        await self.flush()
        if self._sdk is not None:
            with self._guarded("close"):
                await asyncio.to_thread(self._sdk.close)
        self._thread.shutdown(wait=False)

    def count_event(self, decision: str, reason: str) -> None:
        """One event was answered."""
        self._add(MetricName.EVENTS, 1, {Attr.DECISION: decision, Attr.REASON: reason})

    def count_round(self, outcome: str) -> None:
        """One round ended."""
        self._add(MetricName.ROUNDS, 1, {Attr.OUTCOME: outcome})

    def count_deployments(self, status: str, n: int) -> None:
        """So many deployments of a task ended with this status."""
        self._add(MetricName.DEPLOYMENTS, n, {Attr.DEPLOYMENT_STATUS: status})

    def count_contested(self, resources: int) -> None:
        """So many resources of a plan are contested: somebody keeps undoing their remediation."""
        self._add(MetricName.CONTESTED, resources, {})

    def count_stop(self, reason: str) -> None:
        """A case was stopped: it needs a person, or a change of its rule."""
        self._add(MetricName.STOPS, 1, {Attr.REASON: reason})

    def count_arm(self, call: str, status: int | None) -> None:
        """One request to Resource Manager was answered; `None` where no answer came."""
        self._add(MetricName.ARM_CALLS, 1, {Attr.CALL: call, Attr.STATUS: "none" if status is None else str(status)})

    def count_poison(self, queue: str, reason: str) -> None:
        """One message failed for good."""
        self._add(MetricName.POISON, 1, {Attr.QUEUE: queue, Attr.REASON: reason})

    def count_outcome_event(self, event: str, result: str) -> None:
        """One outcome event was published (`done`), or was not this time (`failed`)."""
        self._add(MetricName.OUTCOME_EVENTS, 1, {Attr.OUTCOME_EVENT: event, Attr.RESULT: result})

    def observe_seconds(self, stage: str, seconds: float) -> None:
        """How long one stage took, such as from the scan to the event."""
        if self._exports:
            with self._guarded("metrics"):
                self._started().seconds.record(seconds, {Attr.STAGE.value: stage})

    def gauge(self, metric: MetricName, value: float, attributes: Mapping[Attr, str] | None = None) -> None:
        """What something is now; told again and again, because an exporter sends each value once."""
        if self._exports:
            with self._guarded("metrics"):
                told = {name.value: text for name, text in (attributes or {}).items()}
                self._started().gauges[metric].set(value, told)

    def log_change_of_state(self, case: str, before: str, after: str, reason: str = "", outcome: str = "") -> None:
        """One line for one case that moved."""
        with self._guarded("log"):
            why = ", ".join(part for part in (reason, outcome) if part)
            _log.info("case %s: %s -> %s%s", case, before, after, f" ({why})" if why else "")

    def _add(self, metric: MetricName, n: int, attributes: dict[Attr, str]) -> None:
        if self._exports:
            with self._guarded("metrics"):
                counter = self._started().counters[metric]
                counter.add(n, {name.value: value for name, value in attributes.items()})

    def _is_news(self, span: Span) -> bool:
        told = (span.trace_id, span.span_id, hash(frozenset(span.attributes.items())))
        if told in self._told:
            return False
        self._told[told] = None
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return True

    def _started(self) -> "_Sdk":
        self._sdk = self._sdk or _Sdk(self._settings)
        return self._sdk

    @contextmanager
    def _guarded(self, kind: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the one place: telemetry never touches the work
            self.failures[kind] += 1
            if self.failures[kind] == 1:
                _log.warning(
                    "telemetry (%s) failed and goes on failing quietly: %s", kind, error or type(error).__name__
                )


class _Sdk:
    """The OpenTelemetry SDK, once something is told."""

    def __init__(self, settings: Settings) -> None:
        from responder.adapters import exporters

        self._readable = exporters.readable
        self._speaker: Resource = exporters.resource(settings)
        self._processors: tuple[BatchSpanProcessor, ...] = exporters.span_processors(settings)
        self._provider: MeterProvider = exporters.meter_provider(settings, self._speaker)
        meter: Meter = self._provider.get_meter(SERVICE, VERSION)
        self.counters = {name: meter.create_counter(name.value) for name in COUNTED}
        self.gauges = {name: meter.create_gauge(name.value) for name in GAUGED}
        self.seconds = meter.create_histogram(MetricName.SECONDS.value, unit="s")

    def tell(self, spans: Sequence[Span]) -> None:
        for span in spans:
            for processor in self._processors:
                processor.on_end(self._readable(span, self._speaker))

    def flush(self) -> None:
        """Spans only: a round waits for its trace, numbers go out every minute and at the end."""
        for processor in self._processors:
            processor.force_flush(int(FLUSH_SECONDS * 1000))

    def close(self) -> None:
        for processor in self._processors:
            processor.shutdown()  # type: ignore[no-untyped-call]
        self._provider.shutdown()
