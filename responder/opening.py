"""Open a planned task: everything that may hold it back is asked first, the pause switch last, then one PUT.

Order matters. A task that an earlier attempt may have created is looked for before anything else, because it must
be followed whatever the switches say. A slot is taken only here, when the case's row says `opening`, and is given
back before the case leaves that state without a task. Nothing is awaited between the last check and the PUT.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from responder.adapters.arm_error import ArmError
from responder.adapters.ledger import Claimed
from responder.core import look, seen
from responder.core.case import NOT_VISIBLE_YET, Case, Hold, Plan
from responder.core.gate import gate
from responder.core.resource_id import ResourceId, resource_id
from responder.core.task import Task
from responder.restraint import ASK_FOR_A_SLOT_AGAIN, asked_to_wait, free_slot, throttled, wanted_slot
from responder.wiring import Parts

_ALREADY_THERE = "InvalidUpdateRemediationRequest"
_REFUSED_CREATE = "InvalidCreateRemediationRequest"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it. `unclear`: a task may exist, from this attempt (`sent`) or an earlier one."""

    seen: seen.Seen
    unclear: bool = False
    sent: bool = False


async def open_task(claimed: Claimed, plan: Plan, parts: Parts) -> tuple[Case, seen.Seen]:
    """Take the step of an opening case: the case as it is to be written, and what was seen."""
    attempt = await _attempt(claimed, plan, parts)
    if attempt.sent or isinstance(attempt.seen, seen.TaskSeen | seen.OutOfTime):
        return claimed.case, attempt.seen
    if not (attempt.unclear or _denied(attempt.seen) or _not_ours_to_free(claimed, parts)):
        # Whoever took it: this worker, one that died, or a row made anew that counted the case.
        await free_slot(claimed.case, parts, unused=True)
    return replace(claimed.case, attempted_at=claimed.before.attempted_at), attempt.seen


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
    """Whether a task may exist that Azure does not show yet: a 404 proves nothing so soon after an attempt."""
    attempted = claimed.before.attempted_at
    return attempted is not None and now - attempted <= NOT_VISIBLE_YET


def _out_of_time(claimed: Claimed, parts: Parts, now: datetime) -> bool:
    """Whether the rest of the lease is too short to do what only the holder of the case may do."""
    return claimed.case.due is None or claimed.case.due - now <= parts.lease / 3


def _attempted(claimed: Claimed) -> bool:
    """Whether a worker set out to open it that did not come back to say how it went."""
    return claimed.before.attempted_at is not None


async def _attempt(claimed: Claimed, plan: Plan, parts: Parts) -> Attempt:
    scope = resource_id(plan.scope)
    try:
        if wait := await asked_to_wait(parts, scope, parts.clock()):
            return Attempt(wait, unclear=_attempted(claimed))
        if _attempted(claimed) and (found := await parts.insights.task(scope, plan.name)):
            await parts.slots.hold(wanted_slot(claimed.case, plan, parts.clock()), parts.clock())
            return Attempt(seen.TaskSeen(found))
        if first := await _first(claimed, plan, parts):
            return Attempt(first)
        return await _with_slot(claimed, plan, scope, parts)
    except ArmError as error:
        return Attempt(await _refused(error, scope, parts), unclear=_attempted(claimed))


async def _first(claimed: Claimed, plan: Plan, parts: Parts) -> seen.Seen | None:
    """What must come first: a person's word, a window, the switches, the breaker, and a plan that is not stale."""
    case, now = claimed.case, parts.clock()
    shut = _called_off(case) or gate(case, plan, now)
    if isinstance(shut, seen.CalledOff | seen.Expired) and _attempted_lately(claimed, now):
        because = "its task may have been created a moment ago, and is looked for until Azure would show it"
        return seen.Throttled(f"{shut.because} It is not over yet: {because}.")
    if isinstance(shut, seen.ApprovalNeeded) and claimed.before.news:
        return seen.PlanTooOld()  # what a person is asked about is what Azure shows now
    if shut:
        return shut
    if why := await _paused(case, plan, parts):
        return seen.Paused(why)
    if why := await parts.breakers.why_open(case.definition):
        return seen.Waits(Hold.BREAKER_OPEN, why)
    return seen.PlanTooOld() if look.too_old(claimed.before, plan, now) else None


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
        return seen.NotAllowed(error.what)
    return seen.Refused(error.what)
