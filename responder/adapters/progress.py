"""How far the jobs of the sweep have come, one row each in the table `responderprogress`.

Functions runs one timer at a time, but nothing may break where two hosts sweep at once (a slow one beside its
successor): a job is begun by a conditional write, and whoever loses leaves it alone. A host that dies keeps a job
from nobody for longer than its lease.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from responder.adapters import row_ticks
from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.core import instant
from responder.core.progress import Progress

PROGRESS = "responderprogress"
VERSION = 1
MOST_CHARACTERS = 30_000  # a string property holds 32 Ki of them
_PARTITION = "sweep"


class CursorTooLong(ValueError):
    """What a job wants to remember does not fit into its row."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A job that this host runs now, under an ETag that only its own next write may use."""

    progress: Progress
    etag: str


class ProgressRows:
    """Reads and writes them."""

    def __init__(self, table: ConditionalTable) -> None:
        self._table = table

    async def of(self, job: str) -> Progress | None:
        """One job's progress; that of a new one where there is none, `None` where a newer version wrote it."""
        found = await self._table.get(_PARTITION, job)
        if found and _newer(found[0]):
            return None
        return _read(job, found[0]) if found else Progress(job)

    async def all(self) -> list[Progress]:
        """Every job that ever ran; none where there is no sweep yet."""
        try:
            rows = self._table.query("PartitionKey eq @partition", {"partition": _PARTITION})
            return [_read(str(row["RowKey"]), row) async for row in rows if not _newer(row)]
        except ResourceNotFoundError:
            return []

    async def note(self, progress: Progress) -> None:
        """Write down what a job did that needs no memory; the first note makes the table."""
        try:
            await self._table.put(_entity(progress))
        except ResourceNotFoundError:
            await self._table.create()
            await self._table.put(_entity(progress))

    async def begin(self, job: str, now: datetime, lease: timedelta) -> Begun | None:
        """Take a job for so long; `None` where another host has it, or a newer version of this app knows it better."""
        found = await self._table.get(_PARTITION, job)
        if found and _newer(found[0]):
            return None
        before = _read(job, found[0]) if found else Progress(job)
        if before.busy(now):
            return None
        taken = _entity(replace(before, busy_until=now + lease))
        try:
            etag = await (self._table.replace(taken, found[1]) if found else self._table.insert(taken))
        except Conflict:
            return None
        return Begun(before, etag)

    async def end(self, begun: Begun, after: Progress) -> bool:
        """Write down how far the job has come, and let it go; False where another host took it over meanwhile."""
        try:
            await self._table.replace(_entity(replace(after, busy_until=None)), begun.etag)
        except Conflict:
            return False
        return True


def _entity(progress: Progress) -> dict[str, Any]:
    if len(progress.cursor) > MOST_CHARACTERS:
        raise CursorTooLong(f"What the job {progress.job} remembers has {len(progress.cursor)} characters.")
    return {
        "PartitionKey": _PARTITION,
        "RowKey": progress.job,
        "version": VERSION,
        "job": progress.job,
        "at": instant.iso(instant.of(progress.at)) if progress.at else "",
        "note": progress.note[:MOST_CHARACTERS],
        "cursor": progress.cursor,
        "busy": row_ticks.column(instant.of(progress.busy_until) if progress.busy_until else 0),
    }


def _newer(row: Mapping[str, Any]) -> bool:
    return int(row.get("version", 0)) > VERSION


def _read(job: str, row: Mapping[str, Any]) -> Progress:
    at, until = str(row.get("at", "")), row_ticks.ticks_in(row.get("busy", 0))
    return Progress(
        job=job,
        at=instant.moment(instant.ticks(at)) if at else None,
        note=str(row.get("note", "")),
        cursor=str(row.get("cursor", "")),
        busy_until=instant.moment(until) if until else None,
    )
