"""The queue for slots: who wants no slot any more leaves it, and whoever is next is woken.

A case keeps its place while its plan is made anew. One that left keeps the time since when it waits, so it does not
lose its place to younger ones should it ask again. A crash in between costs the younger ones a quarter of an hour:
then a case that was not heard of is forgotten.
"""

import logging
from collections import deque
from collections.abc import Iterable
from datetime import datetime

from responder.adapters.case_rows import BadRow, NewerRow
from responder.adapters.restraint import TROUBLE, trouble_in_words
from responder.core.case import Case, Hold, State
from responder.wiring import Parts

_WANTS_NONE = (State.RUNNING, State.VERIFYING, State.CLOSED, State.STOPPED)
_log = logging.getLogger("responder")


def queues(case: Case, now: datetime) -> bool:
    """Whether it waits for a slot: it was denied one, asks again now, or is planned anew at once."""
    if case.waiting_since is None or case.state in _WANTS_NONE:
        return False
    if case.state is State.HELD:
        return case.reason == Hold.WAITING_FOR_SLOT
    return case.state is State.OPENING or case.due is None or case.due <= now


async def leave_queue(before: Case, after: Case, parts: Parts) -> None:
    """Take a case out that queued before its step and does not after it, so that nobody waits behind it."""
    now = parts.clock()
    if not queues(before, now) or queues(after, now) or after.state is State.RUNNING:  # its slot took it out
        return
    try:
        await wake_next(await parts.slots.leave(after.id, now), parts, now)
    except TROUBLE as error:
        why = trouble_in_words(error, "leave the queue for slots")
        _log.warning("case %s stands in the queue for slots for a while yet: %s", after.id, why)


async def wake_next(waiting: Iterable[str], parts: Parts, now: datetime) -> int:
    """Wake these cases; one that wants no slot any more makes place for the next. How many were woken.

    Raises one of `TROUBLE`.
    """
    ahead, known, woken = deque(waiting), set[str](), 0
    while ahead:
        case = ahead.popleft()
        if case in known:
            continue
        known.add(case)
        if await _woken(case, parts, now):
            woken += 1
        elif await _left(case, parts):
            ahead.extend(await parts.slots.leave(case, now))
    return woken


async def _woken(case: str, parts: Parts, now: datetime) -> bool:
    try:
        return await parts.ledger.wake(case, now)
    except (NewerRow, BadRow):
        return False


async def _left(case: str, parts: Parts) -> bool:
    """Whether it will not come by itself: it is over, or cannot be read."""
    try:
        found = await parts.ledger.case(case)
    except NewerRow:
        return False  # a newer version of the app sees to it
    except BadRow:
        return True
    return found is None or found.state in _WANTS_NONE
