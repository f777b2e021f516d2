"""The journal: what every ended task touched, one row for each, in a partition for each UTC day.

Written before the case moves on, so that a crash repeats it; the same end is the same row. What does not fit into a row
is left out, failures last, and the row says how much that was.
"""

import logging
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from responder.adapters import row_document
from responder.adapters.case_rows import BadRow, NewerRow
from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.core import instant
from responder.core.outcome import Outcome
from responder.core.touched import Touched, TouchedKey, shortened

CHANGES = "responderchanges"
VERSION = 1
_CODEC: TypeAdapter[Touched] = TypeAdapter(Touched)

Entity = dict[str, Any]
_log = logging.getLogger("responder")


class Journal:
    """Keeps what tasks touched. Any number of processes may write at once."""

    def __init__(self, table: ConditionalTable) -> None:
        self._table = table

    async def ensure(self) -> None:
        """Create the table where it is missing."""
        await self._table.create()

    async def write(self, entry: Touched) -> None:
        """Keep what a task touched; writing it again keeps what verification has said since."""
        entity = to_entity(entry)
        while True:
            found = await self._table.get(entity["PartitionKey"], entity["RowKey"])
            try:
                if found is None:
                    await self._table.insert(entity)
                else:
                    await self._table.replace({**entity, "verified": str(found[0].get("verified", ""))}, found[1])
            except Conflict:
                continue
            return

    async def judged(self, key: TouchedKey, outcome: Outcome) -> None:
        """Add what Azure Policy says after a task; nothing where the journal has forgotten it."""
        while True:
            found = await self._table.get(key.day, _row_key(key))
            if found is None:
                return
            try:
                await self._table.replace({**found[0], "verified": outcome.value}, found[1])
            except Conflict:
                continue
            return

    async def since(self, moment: datetime) -> AsyncIterator[Touched]:
        """Every task that ended at a time or later, oldest first; rows of a newer version are passed over."""
        start = TouchedKey("", 0, instant.of(moment))
        bounds = {"day": start.day, "row": f"{start.ended:020d}"}
        async for entity in self._table.query("PartitionKey ge @day and RowKey ge @row", bounds):
            try:
                yield from_entity(entity)
            except NewerRow:
                continue
            except BadRow as broken:  # one broken row must not hide all the others
                _log.error("%s", broken)


def to_entity(entry: Touched) -> Entity:
    """The row of an ended task, with as much of it as fits; raises `BadRow` where not even its head does."""
    document = row_document.packed(_CODEC.dump_json(entry))
    while not row_document.fits(document):
        shorter = shortened(entry)
        if shorter is None:
            raise BadRow(f"What task {entry.task} touched needs {len(document)} bytes even with nothing of it told.")
        entry = shorter
        document = row_document.packed(_CODEC.dump_json(entry))
    return {
        "PartitionKey": entry.key.day,
        "RowKey": _row_key(entry.key),
        "version": VERSION,
        "case": entry.key.case,
        "verified": entry.verified,
        **row_document.columns(document),
    }


def from_entity(entity: Mapping[str, Any]) -> Touched:
    """What a row tells; raises `NewerRow` or `BadRow`."""
    version = int(entity.get("version", 0))
    if version > VERSION:
        raise NewerRow(f"Journal row {entity['RowKey']} was written by a newer version of this app ({version}).")
    try:
        told = _CODEC.validate_json(row_document.json_of(entity))
    except (KeyError, ValueError, zlib.error, ValidationError) as error:
        raise BadRow(f"Journal row {entity.get('RowKey')!r} cannot be read: {error}") from error
    return replace(told, verified=str(entity.get("verified", "")))


def _row_key(key: TouchedKey) -> str:
    return f"{key.ended:020d}-{key.case}-{key.round}"
