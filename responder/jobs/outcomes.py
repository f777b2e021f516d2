"""Outcome events that could not be published, or whose process died before it did: tried again at each tick."""

from dataclasses import replace
from datetime import datetime

from responder.core.progress import Progress
from responder.jobs.job import Job
from responder.outcomes import happened, publish
from responder.wiring import Parts

MOST_AT_ONCE = 160
TOGETHER = 16
"""Each has at most 64 KiB as a rule, and Event Grid takes 1 MiB in one request."""


def is_due(_before: Progress, parts: Parts, now: datetime) -> bool:
    """At every tick, unless the topic refused a moment ago."""
    return parts.outcomes is not None and not parts.outcomes.topic.rests(now)


async def run(parts: Parts, before: Progress, now: datetime) -> Progress:
    """Publish what waits, some at a time, until the topic refuses."""
    if parts.outcomes is None:
        return before
    waiting = await parts.outcomes.rows.waiting(MOST_AT_ONCE)
    why = ""
    for first in range(0, len(waiting), TOGETHER):
        ready = await happened(waiting[first : first + TOGETHER], parts.outcomes, parts)
        why = await publish(ready, parts.outcomes, parts) or why
        if parts.outcomes.topic.rests(parts.clock()):
            break
    return replace(before, at=now, note=why or _done(len(waiting)))


def _done(looked_at: int) -> str:
    return f"{looked_at} outcome events were looked at." if looked_at else "No outcome event waited."


JOB = Job("outcomes", is_due, run)
