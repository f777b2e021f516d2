"""Slots that no case needs any more: their holder died between its last step and giving them back."""

from dataclasses import replace
from datetime import datetime

from responder.core.progress import Progress
from responder.jobs.job import Job
from responder.restraint import forget_dead_slots
from responder.wiring import Parts


def is_due(_before: Progress, _parts: Parts, _now: datetime) -> bool:
    """At every tick: while nothing runs it costs one read."""
    return True


async def run(parts: Parts, before: Progress, now: datetime) -> Progress:
    """Free them, and wake who waits."""
    woken = await forget_dead_slots(parts, now)
    note = f"{woken} cases that waited for a slot were woken." if woken else "No case waited for a slot in vain."
    return replace(before, at=now, note=note)


JOB = Job("slots", is_due, run)
