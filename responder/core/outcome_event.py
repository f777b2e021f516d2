"""What tickets and chats are told of a case: that a round was concluded, that it stopped, that a person is asked.

Each is a CloudEvent in the making. Its id derives from the case, its birth, the round and the type, so that a repeat is
the same event. An event is written down before its case moves, and told only once the case has moved: `standing` says
whether it did. Events leave the platform team's own tools, so they hold ids, counts and codes of errors; what a
deployment says of its error, which may quote what a template was given, stays in the traces and with `show`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from responder.core import seen
from responder.core.case import HISTORY_KEPT, Case, Hold, Moment, Plan, State, Stop
from responder.core.legible import legible
from responder.core.orders import answer_by
from responder.core.outcome import Outcome
from responder.core.outcome_data import data_of
from responder.core.trace_plan import trace_of

TOO_OLD = timedelta(hours=24)
"""An event that could not be published for so long is dropped: a ticket about yesterday misleads."""
_QUIET = (Outcome.OBSERVED, Outcome.WITHDRAWN)
_WELL = (Outcome.VERIFIED, Outcome.NOTHING_TO_DO, *_QUIET)


class EventType(StrEnum):
    """What is told."""

    CONCLUDED = "responder.remediation.concluded"
    STOPPED = "responder.remediation.stopped"
    APPROVAL_REQUESTED = "responder.remediation.approval-requested"


class Standing(StrEnum):
    """Whether what an event tells has happened."""

    HAPPENED = "happened"
    OPEN = "open"  # a worker has the case and has not written it yet
    NEVER = "never"  # the step was taken again and came to something else, or nobody is asked any more


@dataclass(frozen=True, slots=True)
class OutcomeEvent:
    """One event. `at` is the very moment that the case's history, or its question, has for it."""

    id: str
    type: EventType
    case: str
    subject: str  # the task's scope, or the case's place
    at: datetime
    trace: str  # a W3C traceparent: the round's root span
    data: Mapping[str, object]


def event_of(before: Case, what: seen.Seen | None, ended: Outcome | None, after: Case) -> OutcomeEvent | None:
    """What a step is told as; `before` is the case as it was claimed. `None` where nobody needs to know."""
    if after.state is State.STOPPED:
        return stop_of(after)
    if isinstance(what, seen.ApprovalNeeded) and (after.asked, after.asked_at) != (before.asked, before.asked_at):
        return _question(after, what)
    if ended is None or ended is Outcome.REMEDIATED or (ended in _QUIET and not left_open(before)):
        return None
    return _concluded(before, what, ended, after)


def stop_of(case: Case) -> OutcomeEvent | None:
    """What a stopped case is told as."""
    latest = _latest(case.history, State.STOPPED)
    if latest is None:
        return None
    given_up = case.reason == Stop.GIVEN_UP
    because = "Every attempt that its rule allows was made, and it is still non-compliant." if given_up else None
    data = data_of(case, case.plan, because or case.because)
    told = {"reason": case.reason, "errorCode": legible(case.error_code, 100)}
    return _event(EventType.STOPPED, case, case.plan, latest.at, {**data, **told})


def left_open(case: Case) -> bool:
    """Whether the last word told of the case left something open: a question, a bad end, or a stop."""
    for moment in reversed(case.history):
        if moment.state is State.STOPPED or moment.reason == Hold.WAITING_FOR_APPROVAL:
            return True
        if moment.state is State.CLOSED:
            return moment.reason not in _WELL
    return len(case.history) >= HISTORY_KEPT  # what came before is forgotten: better once too often


def standing(event: OutcomeEvent, case: Case | None) -> Standing:
    """Whether the event's case has moved as the event tells; its own row is the proof."""
    if case is None:
        return Standing.NEVER
    if _shows(event, case):
        return Standing.HAPPENED
    return Standing.OPEN if case.claim else Standing.NEVER


def _shows(event: OutcomeEvent, case: Case) -> bool:
    if event.type is EventType.APPROVAL_REQUESTED:
        return case.asked == event.data["plan"] and case.asked_at == event.at
    state = State.STOPPED if event.type is EventType.STOPPED else State.CLOSED
    if any((moment.at, moment.state) == (event.at, state) for moment in case.history):
        return True
    return (
        len(case.history) >= HISTORY_KEPT and case.history[0].at > event.at
    )  # it went on so long that it is forgotten


def _question(case: Case, what: seen.ApprovalNeeded) -> OutcomeEvent | None:
    plan, until = case.plan, answer_by(case)
    if plan is None or case.asked_at is None or until is None:
        return None
    asked = {"plan": what.digest, "until": _iso(until), "effect": plan.effect, "contested": len(plan.contested)}
    data = {**data_of(case, plan, what.because), **asked}
    return _event(EventType.APPROVAL_REQUESTED, case, plan, case.asked_at, data, what.digest)


def _concluded(before: Case, what: seen.Seen | None, outcome: Outcome, after: Case) -> OutcomeEvent | None:
    closed = _latest(after.history, State.CLOSED)
    if closed is None:
        return None
    end = what if isinstance(what, seen.TaskEnded) else None
    task, deployments = (end.task, end.deployments) if end else (before.task, before.deployments)
    because = _counted(end) if end and outcome not in (Outcome.LOST, Outcome.CANCELED) else closed.because
    data = data_of(before, before.plan, because, task, deployments)
    told = {"outcome": outcome.value, "goesOn": after.state is not State.CLOSED}
    return _event(EventType.CONCLUDED, before, before.plan, closed.at, {**data, **told})


def _counted(end: seen.TaskEnded) -> str:
    """How a task ended, without what its deployments say."""
    task = end.task
    counts = f"{task.succeeded} of {task.total} deployments succeeded, {task.failed} failed"
    return f"Azure calls the task {legible(task.state, 40)}: {counts}."


def _latest(history: Sequence[Moment], state: State) -> Moment | None:
    return next((moment for moment in reversed(history) if moment.state is state), None)


def _event(
    kind: EventType, case: Case, plan: Plan | None, at: datetime, data: Mapping[str, object], *more: str
) -> OutcomeEvent:
    link = trace_of(case)
    return OutcomeEvent(
        id=_digest(case.id, case.birth, str(case.round), kind.value, *more)[:32],
        type=kind,
        case=case.id,
        subject=plan.scope if plan else case.key.place,
        at=at,
        trace=f"00-{link.trace_id}-{link.span_id}-01",
        data=data,
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
