"""A table whose every write is conditional: insert if absent, replace if unchanged. Who writes second loses.

A write may be repeated whose answer was lost, and then find its own first attempt in the way. That reads as a
conflict here, and whoever gets a conflict reads again.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from responder.adapters.table_rows import Entity, from_json, page_of, to_json
from responder.adapters.table_wire import Answer, code_of, refusal

if TYPE_CHECKING:
    from responder.adapters.storage import Tables

__all__ = ["ConditionalTable", "Conflict", "Entity"]


class Conflict(Exception):
    """Somebody else wrote first, or the row is gone: read it again."""


class ConditionalTable:
    """One table, reached through conditional single-row operations."""

    def __init__(self, tables: "Tables", name: str) -> None:
        self.name = name
        self._tables = tables
        self._wire = tables.wire

    async def create(self) -> bool:
        """Create the table; False where it exists already."""
        from azure.core.exceptions import ResourceExistsError

        try:
            await self._tables.create_table(self.name)
        except ResourceExistsError:
            return False
        return True

    async def get(self, partition: str, row: str) -> tuple[Entity, str] | None:
        """The row and its ETag, or `None`."""
        answer = await self._wire.row("GET", self.name, (partition, row))
        if answer.status == 404:
            return None
        self._good(answer, "reading a row")
        return from_json(answer.body), answer.headers["ETag"]

    async def insert(self, entity: Entity) -> str:
        """Write a new row; `Conflict` where it exists. The ETag."""
        answer = await self._wire.insert(self.name, to_json(entity))
        if answer.status == 409 and code_of(answer) == "EntityAlreadyExists":
            raise Conflict(f"{self.name}: the row exists")
        return self._good(answer, "inserting a row")

    async def replace(self, entity: Entity, etag: str) -> str:
        """Replace the whole row if it still has this ETag; `Conflict` where it has another or is gone. The new ETag."""
        answer = await self._wire.row("PUT", self.name, _key(entity), to_json(entity), etag)
        if answer.status in (404, 412):
            raise Conflict(f"{self.name}: the row changed")
        return self._good(answer, "replacing a row")

    async def put(self, entity: Entity) -> None:
        """Write the row whatever was there: for switches, which only a person sets."""
        self._good(await self._wire.row("PUT", self.name, _key(entity), to_json(entity)), "writing a row")

    async def delete(self, partition: str, row: str, etag: str) -> None:
        """Delete the row if it still has this ETag; `Conflict` where it has another or is gone already."""
        answer = await self._wire.row("DELETE", self.name, (partition, row), etag=etag)
        if answer.status in (404, 412):
            raise Conflict(f"{self.name}: the row changed")
        self._good(answer, "deleting a row")

    async def query(self, condition: str, parameters: Mapping[str, object]) -> AsyncIterator[Entity]:
        """Every row that meets a condition, page by page; each `@name` in it stands for a text or a time."""
        async for entity, _etag in self.tagged(condition, parameters):
            yield entity

    async def tagged(self, condition: str, parameters: Mapping[str, object]) -> AsyncIterator[tuple[Entity, str]]:
        """The same rows, each with its ETag."""
        words = (_literal(parameters[word[1:]]) if word[0] == "@" else word for word in condition.split())
        async for answer in self._wire.pages(self.name, " ".join(words)):
            self._good(answer, "listing rows")
            for tagged in page_of(answer.body):
                yield tagged

    def _good(self, answer: Answer, doing: str) -> str:
        if answer.status >= 300:
            raise refusal(answer, f"{doing} of {self.name}")
        return answer.headers.get("ETag", "")


def _key(entity: Entity) -> tuple[str, str]:
    return entity["PartitionKey"], entity["RowKey"]


def _literal(value: object) -> str:
    """A value as it stands in a condition (OData)."""
    if isinstance(value, datetime):
        return f"datetime'{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}'"
    return "'" + str(value).replace("'", "''") + "'"
