"""What people order of a case: approve, reject, cancel and retry. Each says who and why, and stays with the case.

An order is a pure change of the case as it is when the order is written: whoever moves it meanwhile makes the ledger
ask again, so an order never falls on a case that it does not fit. What is not possible says why, in words for the
person who gave the order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from responder.core import instant, seen
from responder.core.case import Case, Hold, Plan, State, Word, remember
from responder.core.resource_row import ResourceRow
from responder.core.transitions import record

CANCELED_SOON = timedelta(minutes=2)
"""After an order to cancel, a case is looked at within seconds: one that is not canceled by then needs a person."""


@dataclass(frozen=True, slots=True)
class NotPossible:
    """Why an order does not fit the case; `busy` where it may fit once a worker has let go of the case."""

    because: str
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order as it is kept and shown: who ordered what, why, when, and of which cases."""

    who: str
    why: str
    at: datetime
    what: str
    cases: tuple[str, ...] = ()
    more: int = 0  # cases that the list leaves out


def asks(case: Case) -> Plan | None:
    """The plan that waits for a person's word, if one does."""
    if case.plan is None or not case.plan.ask or case.state not in (State.HELD, State.OPENING):
        return None
    if case.state is State.HELD and case.reason != Hold.WAITING_FOR_APPROVAL:
        return None
    return case.plan


def answer_by(case: Case) -> datetime | None:
    """Until when the plan may be approved; `None` where nobody was asked yet."""
    return case.asked_at + case.settings.ask_for if case.asked_at else None


def approve(case: Case, word: Word) -> Case | NotPossible:
    """The case with its plan approved. A digest in the word is that of the plan the person saw: another is refused."""
    plan = asks(case)
    if plan is None:
        return NotPossible(f"It does not wait for approval: {_where(case)}.")
    if word.digest and not plan.approval.startswith(word.digest):
        return NotPossible(f"Its plan has changed: it is {plan.approval[:12]} now. Look at it again with `show`.")
    until = answer_by(case)
    if until is not None and word.at >= until:
        return NotPossible(f"The time to approve it ended at {until:%Y-%m-%d %H:%M} UTC; it is planned anew.")
    approval = replace(word, digest=plan.approval)
    said = f"Approved by {word.who}: {word.why} (plan {plan.approval[:12]})"
    return _said(replace(case, approval=approval), said, word.at)


def reject(case: Case, word: Word) -> Case | NotPossible:
    """The case stopped: what it planned is not wanted. Moved by the table, as a refusal of Azure's would move it."""
    plan = asks(case)
    if plan is None:
        return NotPossible(f"It does not wait for approval: {_where(case)}.")
    if case.state is not State.HELD:
        return NotPossible("A worker has it at this moment; order it again in a minute.", busy=True)
    if word.digest and not plan.approval.startswith(word.digest):
        return NotPossible(f"Its plan has changed: it is {plan.approval[:12]} now. Look at it again with `show`.")
    refused = seen.Refused(f"Rejected by {word.who}: {word.why}")
    return record(replace(case, state=State.OPENING, approval=None), refused, word.at)


def cancelable(case: Case) -> bool:
    """Whether it has a task, or may have one: it opens it, or no answer came and Azure does not show it yet."""
    attempted = case.state is State.HELD and case.attempted_at is not None
    return attempted or case.state in (State.OPENING, State.RUNNING)


def cancel(case: Case, word: Word) -> Case | NotPossible:
    """The case with its task to be canceled at its next look; the word stays until the task shows, or no longer can."""
    if not cancelable(case):
        return NotPossible(f"It has no task that could be canceled: {_where(case)}.")
    if case.cancel is not None:
        return NotPossible(f"{case.cancel.who} ordered that at {case.cancel.at:%Y-%m-%d %H:%M} UTC: {case.cancel.why}")
    return _said(replace(case, cancel=word), f"To be canceled, by {word.who}: {word.why}", word.at)


def still_to_cancel(case: Case, now: datetime) -> bool:
    """Whether it was to be canceled a while ago, and Azure has not begun to."""
    if case.cancel is None or not cancelable(case):
        return False
    begun = case.task is not None and case.task.state.lower() == "cancelling"
    return not begun and now - case.cancel.at > CANCELED_SOON


def retry(case: Case, word: Word) -> Case | NotPossible:
    """The case with its wait for another attempt ended; the wait itself stands with its resources."""
    if case.state is not State.HELD or case.reason != Hold.WAITING_FOR_RETRY:
        return NotPossible(f"It does not wait for another attempt: {_where(case)}.")
    return _said(case, f"To be tried again at once, by {word.who}: {word.why}", word.at)


def cooling(rows: Iterable[ResourceRow], now: datetime) -> datetime | None:
    """When the first of a case's open resources may be tried, where a cooldown that nobody ends keeps all of them."""
    ticks = [row.retry_at for row in rows if row.open]
    return instant.moment(min(ticks)) if ticks and min(ticks) > instant.of(now) else None


def _said(case: Case, because: str, now: datetime) -> Case:
    return remember(replace(case, because=because), now)


def _where(case: Case) -> str:
    why = case.reason or str(case.outcome or "")
    return f"it is {case.state}{f' ({why})' if why else ''}"
