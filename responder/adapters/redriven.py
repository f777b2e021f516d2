"""How often each message was driven again, counted by its content.

The count is written before the message is put, so that a crash in between costs one try and never gives one too many.
Where a blob of dead letters cannot be deleted yet, because something else in it is kept, the row also remembers that
what it counts was driven from that blob: the next run leaves it alone.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from azure.data.tables import EntityProperty

from responder.adapters import row_ticks
from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.core import instant

REDRIVEN = "responderredriven"
_SOURCES_KEPT = 50


@dataclass(frozen=True, slots=True)
class Driven:
    """How often one content was driven, and from which blobs for good."""

    times: int = 0
    sources: tuple[str, ...] = ()

    def from_blob(self, blob: str) -> bool:
        """Whether it was driven from this blob already."""
        return _short(blob) in self.sources


class Redriven:
    """The counts, in a table of their own. Safe for several redrives at once."""

    def __init__(self, table: ConditionalTable) -> None:
        self._table = table

    async def ensure(self) -> None:
        """Create the table where it is missing."""
        await self._table.create()

    async def read(self, content: str) -> Driven:
        """What is known of one content; none where the table is missing too."""
        found = await self._table.get(content[:2], content)
        return _driven(found[0]) if found else Driven()

    async def count(self, content: str, most: int, about: str, who: str, now: datetime) -> int | None:
        """Count one try more and say how many that makes; `None`, and nothing written, where it would be too many."""

        def one_more(driven: Driven) -> Driven | None:
            return None if driven.times >= most else Driven(driven.times + 1, driven.sources)

        after = await self._change(content, one_more, {"about": about[:1000], "who": who, "at": _column(now)})
        return after.times if after else None

    async def settle(self, content: str, blob: str, now: datetime) -> None:
        """Remember that it was driven from this blob, which has to stay for something else."""

        def settled(driven: Driven) -> Driven:
            return Driven(driven.times, (*driven.sources, _short(blob))[-_SOURCES_KEPT:])

        await self._change(content, settled, {"at": _column(now)})

    async def _change(self, content: str, change: Any, columns: Mapping[str, Any]) -> Driven | None:
        while True:
            found = await self._table.get(content[:2], content)
            kept = {name: found[0][name] for name in ("about", "who") if found and name in found[0]}
            after: Driven | None = change(_driven(found[0]) if found else Driven())
            if after is None:
                return None
            row = {"PartitionKey": content[:2], "RowKey": content, **kept, **columns, **_columns(after)}
            try:
                await (self._table.replace(row, found[1]) if found else self._table.insert(row))
            except Conflict:
                continue
            return after


def _driven(row: Mapping[str, Any]) -> Driven:
    return Driven(int(row.get("times", 0)), tuple(json.loads(str(row.get("sources", "[]")))))


def _columns(driven: Driven) -> dict[str, Any]:
    return {"times": driven.times, "sources": json.dumps(driven.sources)}


def _column(now: datetime) -> EntityProperty:
    """When it was written last, in ticks: retention asks for it."""
    return row_ticks.column(instant.of(now))


def _short(blob: str) -> str:
    return hashlib.sha256(blob.encode()).hexdigest()[:16]
