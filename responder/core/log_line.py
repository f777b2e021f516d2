"""Lines of log that queries look for, as values: what each is about, its attributes, and the span that it belongs to.

The words of a line are for people and may change; alerts hang on its name and its attributes alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from responder.core.case import Case, Moment, State
from responder.core.outcome import Outcome
from responder.core.span import Attribute, Link
from responder.core.telemetry_names import Attr, LogName
from responder.core.trace_plan import trace_of

DONE, FAILED = "done", "failed"
"""How a job of the sweep ran: the values of `responder.result`."""
_LONGEST = 1000
_NAMED = 100


@dataclass(frozen=True, slots=True)
class LogLine:
    """What goes along with one line of log. Attributes that are empty are left out."""

    name: LogName
    attributes: Mapping[Attr, Attribute] = field(default_factory=dict)
    span: Link | None = None

    @property
    def told(self) -> dict[str, Attribute]:
        """All attributes by their names, the line's own name first."""
        filled = {name.value: value for name, value in self.attributes.items() if value != ""}
        return {Attr.LOG.value: self.name.value, **filled}


def case_moved(before: Case, after: Case) -> tuple[LogLine, ...]:
    """A case went on. Where its round ended and the next one began at once, that is two moves."""
    over = _round_ended(before, after)
    if over is None:
        return (_move(before, after.state, after),)
    ended = replace(after, state=State.CLOSED, reason="", outcome=Outcome(over.reason), because=over.because)
    return (_move(before, State.CLOSED, ended), _move(replace(after, state=State.CLOSED), after.state, after))


def _round_ended(before: Case, after: Case) -> Moment | None:
    """The end of the round that the case was in, where the case is in the next one already."""
    if after.round == before.round or len(after.history) < 2:
        return None
    last = after.history[-2]
    return last if last.state is State.CLOSED and last not in before.history else None


def _move(before: Case, state: State, after: Case) -> LogLine:
    """One move, in the trace of the round that the case was in."""
    return LogLine(
        LogName.CASE_MOVED,
        {
            Attr.CASE: after.id,
            Attr.ROUND: before.round,
            Attr.BEFORE: before.state.value,
            Attr.STATE: state.value,
            Attr.REASON: after.reason,
            Attr.OUTCOME: str(after.outcome or ""),
            Attr.BECAUSE: after.because[:_LONGEST],
            Attr.RULE: after.rule,
            Attr.ASSIGNMENT: after.key.assignment,
            Attr.REFERENCE: after.reference,
            Attr.ERROR_CODE: after.error_code,
        },
        trace_of(before),
    )


def event_answered(event_id: str, decision: str, reason: str, span: Link) -> LogLine:
    """The door answered an event."""
    return LogLine(
        LogName.EVENT_ANSWERED, {Attr.EVENT_ID: event_id, Attr.DECISION: decision, Attr.REASON: reason}, span
    )


def message_failed(queue: str, reason: str) -> LogLine:
    """A message failed for good."""
    return LogLine(LogName.MESSAGE_FAILED, {Attr.QUEUE: queue, Attr.REASON: reason})


def job_failed(job: str) -> LogLine:
    """A job of the sweep failed."""
    return LogLine(LogName.JOB_FAILED, {Attr.JOB: job, Attr.RESULT: FAILED})


def outside_the_plan(case: Case, strangers: Sequence[str]) -> LogLine:
    """A task deployed something for resources that its plan did not name."""
    return LogLine(
        LogName.OUTSIDE,
        {
            Attr.CASE: case.id,
            Attr.ROUND: case.round,
            Attr.RULE: case.rule,
            Attr.ASSIGNMENT: case.key.assignment,
            Attr.OUTSIDE: ", ".join(strangers[:_NAMED]),
        },
        trace_of(case),
    )
