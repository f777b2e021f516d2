"""What the app tells about its work: spans, metrics and one line of log per change of state.

No failure in here touches the work. Every exception is caught in one place, counted, and logged once per kind, so
that a collector that is down for a day costs one line and not a flood. Leave the worker's own telemetry switches
unset: the app sets up the SDK itself.
"""

import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from responder.adapters.background import Background
from responder.adapters.log_export import LOGGER, LogExport
from responder.adapters.settings import Settings
from responder.adapters.span_file import write_spans
from responder.core.case import Case
from responder.core.decision import Answer
from responder.core.log_line import LogLine, case_moved, outside_the_plan
from responder.core.sampling import is_told
from responder.core.span import Span
from responder.core.telemetry_names import Attr, MetricName

if TYPE_CHECKING:
    from responder.adapters.otel_sdk import Sdk

FLUSH_SECONDS = 8.0  # the work waits no longer for anything to be sent
FAILING_SECONDS = 1.0  # and no longer than this while nobody takes it
CLOSE_SECONDS = 10.0  # a process that is asked to end is killed soon after
_REMEMBERED = 1000
_NAMED = 10
_log = logging.getLogger(LOGGER)
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
        self._sdk: Sdk | None = None
        self._broken = False
        self._background = Background()
        self._lines = LogExport(self._send_line)
        self.failures: Counter[str] = Counter()
        if self._exports:
            self._lines.begin()

    @property
    def listens(self) -> bool:
        """Whether spans go anywhere: where they do not, none need be made."""
        return self._exports or self._settings.console or bool(self._settings.trace_file)

    @property
    def _sends_spans(self) -> bool:
        return self._exports or self._settings.console

    def tell(self, span: Span) -> None:
        """Tell one finished span."""
        self.tell_all((span,))

    def wants_event(self, trace_id: str, decision: str) -> bool:
        """Whether an event's span is to be told: always, but for those of ignored events that sampling leaves out."""
        return self.listens and (not self._sampled(decision) or is_told(trace_id, self._settings.event_sampling))

    def _sampled(self, decision: str) -> bool:
        return self._settings.event_sampling < 1 and decision == Answer.IGNORE

    def tell_event(self, span: Span) -> None:
        """Tell an event's span: its ids were drawn for it alone, so it cannot have been told already."""
        self._write((span,))
        if self._sends_spans:
            with self._guarded("export"):
                self._started().tell_event(span, self._sampled(str(span.attributes.get(Attr.DECISION))))

    def tell_all(self, spans: Sequence[Span]) -> None:
        """Tell finished spans; what this process has told already, word for word, is left out."""
        with self._guarded("spans"):
            self._tell(tuple(span for span in spans if self._is_news(span)))

    def _tell(self, fresh: tuple[Span, ...]) -> None:
        if not fresh:
            return
        self._write(fresh)
        if self._sends_spans:
            with self._guarded("export"):
                self._started().tell_round(fresh)

    def _write(self, spans: tuple[Span, ...]) -> None:
        if self._settings.trace_file:
            with self._guarded("trace-file"):
                write_spans(self._settings.trace_file, spans)

    async def flush(self) -> None:
        """Send what is waiting of rounds, off the event loop; gives up after a while, sooner where nobody takes it.

        What is not sent by then goes on being sent.
        """
        if self._sdk is not None:
            await self._in_background("flush", self._sdk.flush_rounds, self._patience(self._sdk))

    async def flush_all(self) -> None:
        """Send everything that is waiting, numbers, log and events too, as `flush` does."""
        if self._sdk is not None:
            await self._in_background("flush", self._sdk.flush, self._patience(self._sdk))

    async def close(self) -> None:
        """Send everything and let the exporters go."""
        self._lines.end()
        if self._sdk is not None:
            await self._in_background("close", self._sdk.close, CLOSE_SECONDS)

    def _patience(self, sdk: "Sdk") -> float:
        return FAILING_SECONDS if sdk.failing else FLUSH_SECONDS

    async def _in_background(self, kind: str, work: Callable[[], None], seconds: float) -> None:
        with self._guarded(kind), suppress(TimeoutError):
            await self._background.run(work, seconds)

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

    def count_job(self, job: str, result: str) -> None:
        """A job of the sweep had its turn at a tick: `done`, or `failed`. Where none comes, the app does not run."""
        self._add(MetricName.SWEEP_JOBS, 1, {Attr.JOB: job, Attr.RESULT: result})

    def observe_seconds(self, stage: str, seconds: float) -> None:
        """How long one stage took, such as from the scan to the event."""
        if self._exports:
            with self._guarded("metrics"):
                self._started().measure(seconds, {Attr.STAGE: stage})

    def gauge(self, metric: MetricName, value: float, attributes: Mapping[Attr, str] | None = None) -> None:
        """What something is now; told again and again, because an exporter sends each value once."""
        if self._exports:
            with self._guarded("metrics"):
                self._started().gauge(metric, value, attributes or {})

    def log_change_of_state(self, before: Case, after: Case) -> None:
        """One line for one case that moved; two where its next round began at once."""
        with self._guarded("log"):
            for line in case_moved(before, after):
                _log.info(*_moved_in_words(line), extra={"line": line})

    def log_outside(self, case: Case, task: str, strangers: Sequence[str]) -> None:
        """One line for a task that deployed something for resources that its plan did not name: a person must know."""
        with self._guarded("log"):
            told = task, case.id, len(strangers), ", ".join(strangers[:_NAMED])
            words = "task %s of case %s deployed something for %d resources that its plan did not name: %s"
            _log.error(words, *told, extra={"line": outside_the_plan(case, strangers)})

    def _send_line(self, record: logging.LogRecord) -> None:
        with self._guarded("logs"):
            self._started().log(record)

    def _add(self, metric: MetricName, n: int, attributes: dict[Attr, str]) -> None:
        if self._exports:
            with self._guarded("metrics"):
                self._started().count(metric, n, attributes)

    def _is_news(self, span: Span) -> bool:
        told = (span.trace_id, span.span_id, hash(frozenset(span.attributes.items())))
        if told in self._told:
            return False
        self._told[told] = None
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return True

    def _started(self) -> "Sdk":
        if self._sdk is None:
            if self._broken:
                raise RuntimeError("it could not be set up")
            self._broken = True  # until it is there: what fails half-way must not be begun again for each event
            from responder.adapters.otel_sdk import Sdk

            self._sdk = Sdk(self._settings)
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


def _moved_in_words(line: LogLine) -> tuple[str, ...]:
    told = line.attributes
    why = ", ".join(str(told[name]) for name in (Attr.REASON, Attr.OUTCOME) if told[name])
    which = tuple(str(told[name]) for name in (Attr.CASE, Attr.BEFORE, Attr.STATE))
    return ("case %s: %s -> %s%s", *which, f" ({why})" if why else "")
