"""Outcome events that could not be published, or whose process died before it did: tried again at each tick.

A tick takes as many as it has time for, and the next one goes on behind them: after a day's outage everything is to be
told before it is too old, and what cannot be told now must not stand in front of what can.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from responder.adapters.outcome_rows import Kept
from responder.core.progress import Progress
from responder.jobs.job import Job
from responder.outcomes import happened, publish
from responder.wiring import Outcomes, Parts

WITHIN = timedelta(seconds=20)
MOST_AT_ONCE = 160
TOGETHER = 16
"""Each has at most 64 KiB as a rule, and Event Grid takes 1 MiB in one request."""


def is_due(_before: Progress, parts: Parts, now: datetime) -> bool:
    """At every tick, unless the topic refused a moment ago."""
    return parts.outcomes is not None and not parts.outcomes.topic.rests(now)


async def run(parts: Parts, before: Progress, now: datetime) -> Progress:
    """Publish what waits, from where the last tick ended, until all was seen, time is over or the topic refuses."""
    if parts.outcomes is None:
        return before
    look = _Look(parts.outcomes, parts, parts.clock() + WITHIN, before.cursor)
    if await look.goes_on() and before.cursor:
        look.cursor = ""
        await look.goes_on()
    return replace(before, at=now, note=look.why or _done(look.number), cursor=look.cursor)


class _Look:
    """One look through the table: the case that it came to, how many it saw, and why some were not taken."""

    def __init__(self, outcomes: Outcomes, parts: Parts, until: datetime, cursor: str) -> None:
        self._outcomes, self._parts, self._until = outcomes, parts, until
        self.cursor, self.number, self.why = cursor, 0, ""

    async def goes_on(self) -> bool:
        """Go on to the end of the table; whether it came there, and begins anew the next time."""
        while waiting := await self._outcomes.rows.waiting(MOST_AT_ONCE, self.cursor):
            for first in range(0, len(waiting), TOGETHER):
                await self._take(waiting[first : first + TOGETHER])
                if self._is_over():
                    return False
            if len(waiting) < MOST_AT_ONCE:
                break
        self.cursor = ""
        return True

    async def _take(self, some: Sequence[Kept]) -> None:
        ready = await happened(some, self._outcomes, self._parts)
        self.why = await publish(ready, self._outcomes, self._parts) or self.why
        self.cursor, self.number = some[-1].event.case, self.number + len(some)

    def _is_over(self) -> bool:
        now = self._parts.clock()
        return now >= self._until or self._outcomes.topic.rests(now)


def _done(looked_at: int) -> str:
    return f"{looked_at} outcome events were looked at." if looked_at else "No outcome event waited."


JOB = Job("outcomes", is_due, run)
