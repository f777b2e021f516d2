"""Open a planned task: everything that may hold it back is asked first, the pause switch last, then one PUT.

Order matters. A task that an earlier attempt may have created is looked for before anything else, because it must
be followed whatever the switches say. A slot is taken only here, when the case's row says `opening`, and is given
back before the case leaves that state without a task. Nothing is awaited between the last check and the PUT.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from responder.adapters.arm_error import ArmError
from responder.adapters.ledger import Claimed
from responder.core import overdue, seen, standing
from responder.core.case import Case, Hold, Plan
from responder.core.gate import gate
from responder.core.resource_id import ResourceId, resource_id
from responder.core.task import Task
from responder.restraint import ASK_FOR_A_SLOT_AGAIN, asked_to_wait, free_slot, hold_slot, throttled, wanted_slot
from responder.wiring import Parts

_ALREADY_THERE = "InvalidUpdateRemediationRequest"
_REFUSED_CREATE = "InvalidCreateRemediationRequest"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it. `unclear`: a task may exist, from this attempt (`sent`) or an earlier one.

    `never_came`: what an earlier attempt sent, if anything, can no longer show.
    """

    seen: seen.Seen
    unclear: bool = False
    sent: bool = False
    never_came: bool = False


async def open_task(claimed: Claimed, plan: Plan, parts: Parts) -> tuple[Case, seen.Seen]:
    """Take the step of an opening case: the case as it is to be written, and what was seen."""
    attempt = await _attempt(claimed, plan, parts)
    if attempt.sent or isinstance(attempt.seen, seen.TaskSeen | seen.OutOfTime):
        return claimed.case, attempt.seen
    if not (attempt.unclear or _denied(attempt.seen) or _not_ours_to_free(claimed, parts)):
        # Whoever took it: this worker, one that died, or a row made anew that counted the case.
        await free_slot(claimed.case, parts, unused=True)
    attempted_at = None if attempt.never_came else claimed.before.attempted_at
    return replace(claimed.case, attempted_at=attempted_at), attempt.seen


def _denied(what: seen.Seen) -> bool:
    """Whether it got no slot: it holds none, and its place in the queue is kept."""
    return isinstance(what, seen.Waits) and what.hold is Hold.WAITING_FOR_SLOT


def _not_ours_to_free(claimed: Claimed, parts: Parts) -> bool:
    """Whether the slot is kept: another worker may have claimed the case and be using it, or a task may show yet.

    A slot that is kept in vain goes with the next step of the case.
    """
    now = parts.clock()
    return _out_of_time(claimed, parts, now) or _attempted_lately(claimed, now)


def _attempted_lately(claimed: Claimed, now: datetime) -> bool:
    return standing.attempted_lately(claimed.before, now)


def _out_of_time(claimed: Claimed, parts: Parts, now: datetime) -> bool:
    """Whether the rest of the lease is too short to do what only the holder of the case may do."""
    return claimed.case.due is None or claimed.case.due - now <= parts.lease / 3


def _attempted(claimed: Claimed) -> bool:
    """Whether a worker set out to open it that did not come back to say how it went."""
    return claimed.before.attempted_at is not None


async def _attempt(claimed: Claimed, plan: Plan, parts: Parts) -> Attempt:
    scope, late = resource_id(plan.scope), not _attempted_lately(claimed, parts.clock())
    try:
        if wait := await asked_to_wait(parts, scope, parts.clock()):
            return Attempt(wait, unclear=_attempted(claimed))
        if _attempted(claimed) and (found := await parts.insights.task(scope, plan.name)):
            await hold_slot(claimed.case, plan, parts)
            return Attempt(seen.TaskSeen(found))
        first = await _first(claimed, plan, parts)
        attempt = Attempt(first) if first else await _with_slot(claimed, plan, scope, parts)
        return replace(attempt, never_came=late)
    except ArmError as error:
        what = await _refused(error, scope, parts)
        if isinstance(what, seen.NotAllowed) and overdue.patient(claimed.before, parts.clock()):
            what = seen.Throttled(what.because)  # a task may run that is not shown to us: nothing else may be opened
        return Attempt(what, unclear=_attempted(claimed))


async def _first(claimed: Claimed, plan: Plan, parts: Parts) -> seen.Seen | None:
    """What must come first; while a task may show yet, it is looked for at short intervals, whatever that is."""
    shut, now = await _shut(claimed, plan, parts), parts.clock()
    if shut is None or not _attempted_lately(claimed, now):
        return shut
    match shut:
        case seen.CalledOff() | seen.Expired() | seen.PlanTooOld():
            because = "its task may have been created a moment ago, and is looked for until Azure would show it"
            return seen.Throttled(f"{shut.because} It is not over yet: {because}.")
        case seen.Waits():
            return replace(shut, until=None)
        case seen.ApprovalNeeded():
            return replace(shut, until=min(shut.until, now + claimed.case.settings.poll_first))
        case _:
            return shut


async def _shut(claimed: Claimed, plan: Plan, parts: Parts) -> seen.Seen | None:
    """A person's word, a plan that still stands, a window, the switches, the breaker."""
    case, now = claimed.case, parts.clock()
    if called_off := _called_off(case):
        return called_off
    if why := standing.outdated(case, plan, parts.rules):
        return seen.PlanTooOld(f"The plan was not opened: {why}. It is made anew from what Azure shows now.")
    if shut := gate(case, plan, now):
        # What a person is asked about is what Azure shows now.
        return seen.PlanTooOld() if isinstance(shut, seen.ApprovalNeeded) and claimed.before.news else shut
    if why := await _paused(case, plan, parts):
        return seen.Paused(why)
    if why := await parts.breakers.why_open(case.definition):
        return seen.Waits(Hold.BREAKER_OPEN, why)
    return seen.PlanTooOld() if standing.too_old(claimed.before, plan, now) else None


def _called_off(case: Case) -> seen.CalledOff | None:
    word = case.cancel
    return seen.CalledOff(f"Canceled by {word.who} before it was opened: {word.why}.") if word else None


async def _paused(case: Case, plan: Plan, parts: Parts) -> str | None:
    subscription = resource_id(plan.scope).subscription or ""
    return await parts.switches.paused(rule=plan.rule, assignment=case.key.assignment, subscription=subscription)


async def _with_slot(claimed: Claimed, plan: Plan, scope: ResourceId, parts: Parts) -> Attempt:
    now = parts.clock()
    if why := await parts.slots.take(wanted_slot(claimed.case, plan, now), now):
        return Attempt(seen.Waits(Hold.WAITING_FOR_SLOT, why, now + ASK_FOR_A_SLOT_AGAIN))
    try:
        if found := await parts.insights.task(scope, plan.name):
            return Attempt(seen.TaskSeen(found))
    except ArmError as error:
        return Attempt(await _refused(error, scope, parts))
    if why := await _paused(claimed.case, plan, parts):
        return Attempt(seen.Paused(why))
    return await _put(claimed, plan, scope, parts)


async def _put(claimed: Claimed, plan: Plan, scope: ResourceId, parts: Parts) -> Attempt:
    now = parts.clock()
    if _out_of_time(claimed, parts, now):
        return Attempt(seen.OutOfTime())
    try:
        task = await parts.insights.create(scope, plan.name, plan.body, parts.lease / 3)
    except ArmError as error:
        return await _not_created(error, scope, plan, parts)
    parts.telemetry.observe_seconds("event to task", (now - claimed.case.first_news).total_seconds())
    return Attempt(seen.TaskSeen(task))


async def _not_created(error: ArmError, scope: ResourceId, plan: Plan, parts: Parts) -> Attempt:
    """Where no clear answer came the task may exist all the same: its slot is kept, and it is looked for first."""
    if error.code == _ALREADY_THERE:
        found = await _there(scope, plan, parts)
        if found:
            return Attempt(seen.TaskSeen(found))
        return Attempt(await throttled(error, scope, parts), unclear=True, sent=True)
    unclear = error.status is None or error.status == 408 or error.status >= 500
    return Attempt(await _refused(error, scope, parts), unclear=unclear, sent=unclear)


async def _there(scope: ResourceId, plan: Plan, parts: Parts) -> Task | None:
    """Azure says that a task of this name is active: it is ours, created by a worker that could not say so."""
    try:
        return await parts.insights.task(scope, plan.name)
    except ArmError:
        return None


async def _refused(error: ArmError, scope: ResourceId, parts: Parts) -> seen.Seen:
    if error.transient or error.status == 409:
        return await throttled(error, scope, parts)
    if error.code == _REFUSED_CREATE and "already running" in error.message:
        return seen.TaskInTheWay(f"Another task runs for this policy on an overlapping scope. {error.message}")
    if error.unauthorised or error.forbidden or error.missing:
        return seen.NotAllowed(error.what, error.code)
    return seen.Refused(error.what, error.code)
