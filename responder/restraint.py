"""What holds the app back in practice: slots and their waiters, the breaker, and what `Retry-After` asked for.

Each is kept in the ledger's storage, so that all instances of the app are held back together.
"""

import logging
from datetime import datetime, timedelta

from responder.adapters.arm_error import HELD_BACK, ArmError
from responder.adapters.case_rows import BadRow, NewerRow
from responder.adapters.restraint import TROUBLE, trouble_in_words
from responder.core import look, seen
from responder.core.case import Case, Plan, State
from responder.core.outcome import Outcome
from responder.core.resource_id import ResourceId
from responder.core.slots import Holder, Want
from responder.slot_queue import wake_next
from responder.wiring import Parts

ASK_FOR_A_SLOT_AGAIN = timedelta(minutes=5)
"""A case that waits for a slot is woken when one is freed; it asks by itself, too, in case nobody could wake it."""
_log = logging.getLogger("responder")


async def asked_to_wait(parts: Parts, scope: ResourceId, now: datetime) -> seen.Throttled | None:
    """Whether Azure asked not to be asked again yet about this subscription, whoever asked."""
    found = await parts.throttles.until(scope, now)
    if found is None:
        return None
    until, why = found
    asked = f"Azure asked not to be asked about this subscription until {until:%Y-%m-%d %H:%M:%S} UTC"
    return seen.Throttled(f"{asked}, when it was {why}", until)


async def throttled(error: ArmError, scope: ResourceId, parts: Parts) -> seen.Throttled:
    """What a refusal for now means; what `Retry-After` asks for goes for the whole subscription."""
    if error.retry_after is None:
        return seen.Throttled(error.what)
    now = parts.clock()
    until = now + error.retry_after
    if error.code != HELD_BACK:  # else it was told when the service said so
        await parts.throttles.told(scope, until, error.what, now)
    return seen.Throttled(error.what, until)


def wanted_slot(case: Case, plan: Plan, now: datetime) -> Want:
    """What the case needs a slot for."""
    count = look.asked_count(case, len(plan.resources))
    return Want(case.id, case.round, case.definition, count, case.waiting_since or now)


async def free_slot(case: Case, parts: Parts, unused: bool = False) -> None:
    """Give the round's slot back, and wake whoever has waited longest for one.

    Trouble is told and holds nothing up: the sweep frees the slot of a case that needs none.
    """
    now = parts.clock()
    try:
        await wake_next(await parts.slots.give_back(case.id, case.round, now, unused), parts, now)
    except TROUBLE as error:
        why = trouble_in_words(error, "give a slot back")
        _log.error("the slot of case %s is not free yet, the sweep sees to it: %s", case.id, why)


async def hold_slot(case: Case, plan: Plan, parts: Parts) -> None:
    """Hold a slot for a task that runs without one; it is followed all the same where that cannot be written."""
    now = parts.clock()
    try:
        await parts.slots.hold(wanted_slot(case, plan, now), now)
    except TROUBLE as error:
        why = trouble_in_words(error, "hold a slot")
        _log.error("the task of case %s runs and is not among the slots: %s", case.id, why)


async def count_round(case: Case, outcome: Outcome, created_on: int, parts: Parts) -> None:
    """Count the round for the definition's breaker; where it opens by this, say so.

    Trouble is told and holds nothing up: while a breaker cannot be read no task of its definition is opened.
    """
    try:
        opened = await parts.breakers.record(case.definition, case.id, case.round, created_on, outcome, parts.clock())
    except TROUBLE as error:
        why = trouble_in_words(error, "change a breaker")
        _log.error("round %d of case %s (%s) is not counted by its breaker: %s", case.round, case.id, outcome, why)
        return
    if opened:
        _log.error("the breaker of %s opened: %s", case.definition, await parts.breakers.why_open(case.definition))


async def forget_dead_slots(parts: Parts, now: datetime) -> int:
    """Free the slots of cases that do not need them any more, and wake whoever waits where there is room.

    The limits row is read before the cases: a case that takes its slot meanwhile changes the row, and this loses.
    """
    woken = await parts.slots.forget_dead(lambda holder: _needs_it(holder, parts), now)
    return await wake_next(woken, parts, now)


async def _needs_it(holder: Holder, parts: Parts) -> bool:
    try:
        case = await parts.ledger.case(holder.case)
    except NewerRow:
        return True  # it belongs to a newer version of the app, which knows better
    except BadRow as error:
        _log.error("the slot of case %s is kept, whoever mends or deletes its row frees it: %s", holder.case, error)
        return True
    if case is None or case.round != holder.round:
        return False
    return case.state in (State.OPENING, State.RUNNING, State.HELD)
