"""The sweep: whatever stands still is driven again through the same code, and what takes no event is looked after.

A message can be lost and a worker can die between two writes. Every case that something is to happen to has a due
time, so the sweep finds those that are overdue by two ticks and gives them a new ticket. A lease that still runs has
its due time ahead and is left alone. The other jobs come after; one that fails keeps no other from running, is
logged with its name, and is tried again at the next tick.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from responder.core.log_line import DONE, FAILED, job_failed
from responder.core.progress import Progress
from responder.core.schedule import longest_gap
from responder.jobs.job import Job
from responder.wiring import Parts

if TYPE_CHECKING:
    from responder.adapters.progress import ProgressRows

MOST_AT_ONCE = 1000
JOB_LIMIT = timedelta(seconds=60)
JOB_LEASE = timedelta(minutes=2)
CASES = "cases"
_log = logging.getLogger("responder")


async def tick(parts: Parts, schedule: str, now: datetime) -> None:
    """One tick; `schedule` (NCRONTAB) says how long two ticks are. Raises only what kept cases from being driven."""
    failed: Exception | None = None
    note = ""
    try:
        note = await drive_overdue(parts, schedule, now)
    except Exception as error:  # noqa: BLE001 - raised again once the other jobs have had their turn
        failed = error
        note = f"failed: {type(error).__name__}"
        _log.exception("sweep: driving overdue cases failed", extra={"line": job_failed(CASES)})
    parts.telemetry.count_job(CASES, FAILED if failed else DONE)
    if parts.settings is not None:
        await _look_after(parts, note, now)
    if failed is not None:
        raise failed


async def drive_overdue(parts: Parts, schedule: str, now: datetime) -> str:
    """Give cases that stand still a new ticket, at most so many; what was done, in words."""
    overdue = await parts.ledger.overdue(now - 2 * longest_gap(schedule), MOST_AT_ONCE)
    driven = [case.id for case in overdue if await parts.ledger.reticket(case, now)]
    if driven:
        _log.warning("%d cases stood still and were driven again: %s", len(driven), ", ".join(driven[:20]))
    return f"{len(driven)} cases stood still and were driven again." if driven else "No case stood still."


async def _look_after(parts: Parts, note: str, now: datetime) -> None:
    """Every other job, one after the other."""
    from responder.adapters.conditional_table import ConditionalTable
    from responder.adapters.progress import PROGRESS, ProgressRows

    rows = ProgressRows(ConditionalTable(parts.storage.tables, PROGRESS))
    try:
        await rows.note(Progress(CASES, now, note))
    except Exception:  # noqa: BLE001 - a note that is lost keeps no job from running
        _log.exception("sweep: what the jobs did last cannot be kept")
    for job in jobs(parts):
        try:
            async with asyncio.timeout(JOB_LIMIT.total_seconds()):
                await _run(job, parts, rows, now)
        except Exception:  # noqa: BLE001 - it is told, and no other job suffers from it
            _log.exception("sweep: the job %r failed", job.name, extra={"line": job_failed(job.name)})
            parts.telemetry.count_job(job.name, FAILED)
        else:
            parts.telemetry.count_job(job.name, DONE)


def jobs(parts: Parts) -> Sequence[Job]:
    """The jobs beside driving cases. Imported here: a process that only takes events needs none of them."""
    from responder.jobs import backfill, gauges, poison, retention, rule_change, slots

    always = (slots.JOB, rule_change.JOB, poison.JOB, backfill.JOB, retention.JOB, gauges.JOB)
    return (*always, _outcomes()) if parts.outcomes is not None else always


def _outcomes() -> Job:
    from responder.jobs import outcomes

    return outcomes.JOB


async def _run(job: Job, parts: Parts, rows: "ProgressRows", now: datetime) -> None:
    """One job, unless another host is at it, or a newer version of the app knows it better."""
    before = await rows.of(job.name)
    if before is None:
        return
    job.tell(before, parts)
    if not job.is_time(before, parts, now):
        return
    begun = await rows.begin(job.name, now, JOB_LEASE)
    if begun is None:
        return
    try:
        still = job.is_time(begun.progress, parts, now)  # another host may just have done it
        after = await job.run(parts, begun.progress, now) if still else begun.progress
    except Exception as error:
        failed = replace(begun.progress, at=now, note=f"failed: {type(error).__name__}; the app's log says more")
        await rows.end(begun, failed)
        raise
    await rows.end(begun, after)
