"""The sweep: whatever stands still is driven again through the same code.

A message can be lost and a worker can die between two writes. Every case that something is to happen to has a
due time, so the sweep finds those that are overdue by two ticks and gives them a new ticket. A lease that still
runs has its due time ahead and is left alone.
"""

import logging

from responder.core.schedule import longest_gap
from responder.wiring import Parts

MOST_AT_ONCE = 1000
_log = logging.getLogger("responder")


async def handle(sweep: str, parts: Parts) -> None:
    """One tick; `sweep` is its schedule (NCRONTAB), which says how long two ticks are."""
    now = parts.clock()
    overdue = await parts.ledger.overdue(now - 2 * longest_gap(sweep), MOST_AT_ONCE)
    driven = [case.id for case in overdue if await parts.ledger.reticket(case, now)]
    if driven:
        _log.warning("%d cases stood still and were driven again: %s", len(driven), ", ".join(driven[:20]))
