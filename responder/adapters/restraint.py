"""What restrains all instances together: one table, in which each row is a small document changed under its ETag.

Slots, breakers and throttles are values of the core; here they become rows. Many instances change the same row: who
writes second reads again after a short random wait, so that they do not meet again.
"""

import asyncio
import random
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Generic, TypeVar

from azure.core.exceptions import AzureError
from pydantic import TypeAdapter, ValidationError

from responder.adapters import row_document
from responder.adapters.arm_error import printable
from responder.adapters.case_rows import BadRow, NewerRow
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.storage import in_words

RESTRAINT = "responderrestraint"
VERSION = 1
MOST_TRIES = 60
_LONGEST_BREATH = 0.1  # seconds
_T = TypeVar("_T")


class Crowded(Exception):
    """A row that others changed each time between our read and our write."""


TROUBLE = (AzureError, NewerRow, BadRow, Crowded)
"""Everything that reading or changing a row may raise."""


class Rows(Generic[_T]):
    """The rows of one partition, each a document of one type. Methods raise what `TROUBLE` lists, and `Conflict`."""

    def __init__(self, table: ConditionalTable, partition: str, codec: TypeAdapter[_T]) -> None:
        self._table, self._partition, self._codec = table, partition, codec

    async def read(self, row: str) -> tuple[_T, str] | None:
        """The document and its ETag, or `None`."""
        found = await self._table.get(self._partition, row)
        return None if found is None else (self._value(found[0]), found[1])

    async def write(self, row: str, value: _T, etag: str | None) -> None:
        """Replace the row that has this ETag, or insert it where there is none."""
        entity = self._entity(row, value)
        if etag is None:
            await self._table.insert(entity)
        else:
            await self._table.replace(entity, etag)

    async def all(self) -> AsyncIterator[_T]:
        """Every document of the partition."""
        async for _, value in self.named():
            yield value

    async def named(self) -> AsyncIterator[tuple[str, _T]]:
        """Every document of the partition, after the name of its row."""
        async for entity in self._table.query("PartitionKey eq @partition", {"partition": self._partition}):
            yield str(entity["RowKey"]), self._value(entity)

    def _entity(self, row: str, value: _T) -> dict[str, Any]:
        document = row_document.packed(self._codec.dump_json(value))
        if not row_document.fits(document):
            most = row_document.MOST_BYTES
            raise BadRow(f"{self._named(row)} needs {len(document)} bytes; a table row holds at most {most}.")
        return {
            "PartitionKey": self._partition,
            "RowKey": row,
            "version": VERSION,
            **row_document.columns(document),
        }

    def _value(self, entity: Mapping[str, Any]) -> _T:
        row = self._named(str(entity.get("RowKey")))
        try:
            if (version := int(entity["version"])) > VERSION:
                raise NewerRow(f"{row} was written by a newer version of this app ({version}, ours {VERSION}).")
            return self._codec.validate_json(row_document.json_of(entity))
        except (KeyError, ValueError, TypeError, zlib.error, ValidationError) as error:
            raise BadRow(f"{row} cannot be read; delete it if it stays so. {printable(str(error), 300)}") from error

    def _named(self, row: str) -> str:
        return f"Row {self._partition}/{row} of table {RESTRAINT}"


async def breathe(tries: int, what: str) -> None:
    """A short random wait before any try but the first; raises `Crowded` after the last."""
    if tries >= MOST_TRIES:
        raise Crowded(f"{what} was changed by others {tries} times while it was to be written; it is tried again later")
    if tries:
        await asyncio.sleep(random.uniform(0.001, min(0.004 * 2 ** min(tries, 10), _LONGEST_BREATH)))


def trouble_in_words(error: Exception, doing: str) -> str:
    """One sentence for one of `TROUBLE`."""
    return str(in_words(error, doing)) if isinstance(error, AzureError) else str(error)
