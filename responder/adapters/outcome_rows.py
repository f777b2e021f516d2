"""Outcome events that are still to be published, one row each, in a partition for each case.

A row is written before its case moves and deleted once the topic has taken its event, so that neither a crash nor a
topic that is away loses one. The same event is the same row. Where no topic is set there is no such table.
"""

import logging
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from pydantic import TypeAdapter, ValidationError

from responder.adapters import row_document, row_ticks
from responder.adapters.case_rows import BadRow, NewerRow
from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.core import instant
from responder.core.outcome_event import OutcomeEvent

OUTCOMES = "responderoutcomes"
VERSION = 1
_log = logging.getLogger("responder")
_CODEC: TypeAdapter[OutcomeEvent] = TypeAdapter(OutcomeEvent)


@dataclass(frozen=True, slots=True)
class Kept:
    """An event that lies in the table, since when, and under which ETag."""

    event: OutcomeEvent
    since: datetime
    etag: str


class OutcomeRows:
    """Keeps them. Any number of processes may do so at once."""

    def __init__(self, table: ConditionalTable) -> None:
        self._table = table

    async def ensure(self) -> None:
        """Create the table where it is missing."""
        await self._table.create()

    async def keep(self, event: OutcomeEvent, now: datetime) -> Kept:
        """Write an event down; where its step was taken before, what it comes to now counts."""
        try:
            return await self._kept(event, now)
        except ResourceNotFoundError:  # somebody deleted the table
            await self._table.create()
            return await self._kept(event, now)

    async def keep_where_told(self, event: OutcomeEvent, now: datetime) -> None:
        """The same for somebody who is not the app: where it has no topic there is no table, and nobody is told."""
        with suppress(ResourceNotFoundError):
            await self._kept(event, now)

    async def _kept(self, event: OutcomeEvent, now: datetime) -> Kept:
        entity = to_entity(event, now)
        while True:
            try:
                return Kept(event, now, await self._table.insert(entity))
            except Conflict:
                found = await self._table.get(event.case, event.id)
            if found is None:
                continue
            try:
                return Kept(event, now, await self._table.replace(entity, found[1]))
            except Conflict:
                continue

    async def forget(self, kept: Kept) -> None:
        """Delete an event that was published or never happened; nothing where it was written anew or is gone."""
        try:
            await self._table.delete(kept.event.case, kept.event.id, kept.etag)
        except Conflict:
            return

    async def waiting(self, most: int, after: str = "") -> list[Kept]:
        """Events that are still to be published, at most so many, of cases behind one; none where there is no table."""
        if after:
            return await self._list("version ge 0 and PartitionKey gt @after", {"after": after}, most)
        return await self._list("version ge 0", {}, most)

    async def of(self, case: str, most: int = 20) -> list[Kept]:
        """Those of one case."""
        return await self._list("PartitionKey eq @partition", {"partition": case}, most)

    async def _list(self, condition: str, parameters: Mapping[str, object], most: int) -> list[Kept]:
        """Rows of a newer version are left to it; one that somebody spoilt must not keep the others waiting."""
        found: list[Kept] = []
        try:
            async for entity, etag in self._table.tagged(condition, parameters):
                try:
                    found.append(Kept(from_entity(entity), _since(entity), etag))
                except NewerRow:
                    continue
                except BadRow as broken:
                    _log.error("%s Delete it: it is told to nobody.", broken)
                    continue
                if len(found) >= most:
                    break
        except ResourceNotFoundError:
            return []
        return found


def to_entity(event: OutcomeEvent, now: datetime) -> dict[str, Any]:
    """The row of an event."""
    document = row_document.packed(_CODEC.dump_json(event))
    return {
        "PartitionKey": event.case,
        "RowKey": event.id,
        "version": VERSION,
        "type": event.type.value,
        "since": row_ticks.column(instant.of(now)),
        **row_document.columns(document),
    }


def from_entity(entity: Mapping[str, Any]) -> OutcomeEvent:
    """The event of a row; raises `NewerRow` or `BadRow`."""
    version = int(entity.get("version", 0))
    if version > VERSION:
        raise NewerRow(f"Outcome event {entity['RowKey']} was written by a newer version of this app ({version}).")
    try:
        return _CODEC.validate_json(row_document.json_of(entity))
    except (KeyError, TypeError, ValueError, zlib.error, ValidationError) as error:
        raise BadRow(f"Outcome event {entity.get('RowKey')!r} cannot be read: {type(error).__name__}") from error


def _since(entity: Mapping[str, Any]) -> datetime:
    return instant.moment(row_ticks.ticks_in(entity.get("since", 0)))
