"""A table whose every write is conditional: insert if absent, replace if unchanged. Who writes second loses.

The SDK may repeat a write whose answer was lost, and then find its own first attempt in the way. That reads as
a conflict here, and whoever gets a conflict reads again.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from azure.core import MatchConditions
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import TableTransactionError, UpdateMode
from azure.data.tables.aio import TableClient, TableServiceClient

__all__ = ["MOST_TOGETHER", "ConditionalTable", "Conflict", "Entity", "Write"]

Entity = Mapping[str, Any]
MOST_TOGETHER = 100
"""Rows in one transaction, all of one partition, together at most 4 MiB:
https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions"""
_CANNOT_BE = (404, 409, 412, 413)  # gone, there already, changed; together too large


@dataclass(frozen=True, slots=True)
class Write:
    """One row of a transaction: replaced where it still has the ETag, new where there is none."""

    entity: Entity
    etag: str | None


class Conflict(Exception):
    """Somebody else wrote first, or the row is gone: read it again."""


class ConditionalTable:
    """One table, reached through conditional single-row operations."""

    def __init__(self, tables: TableServiceClient, name: str) -> None:
        self.name = name
        self._table: TableClient = tables.get_table_client(name)

    async def create(self) -> bool:
        """Create the table; False where it exists already."""
        try:
            await self._table.create_table()
        except ResourceExistsError:
            return False
        return True

    async def get(self, partition: str, row: str) -> tuple[Entity, str] | None:
        """The row and its ETag, or `None`."""
        try:
            entity = await self._table.get_entity(partition, row)
        except ResourceNotFoundError:
            return None
        return entity, _etag(entity)

    async def insert(self, entity: Entity) -> str:
        """Write a new row; `Conflict` where it exists. The ETag."""
        try:
            written = await self._table.create_entity(dict(entity))
        except ResourceExistsError as error:
            raise Conflict(f"{self.name}: the row exists") from error
        return cast(str, written["etag"])

    async def replace(self, entity: Entity, etag: str) -> str:
        """Replace the whole row if it still has this ETag; `Conflict` where it has another or is gone. The new ETag."""
        try:
            written = await self._table.update_entity(
                dict(entity), mode=UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified
            )
        except (ResourceModifiedError, ResourceNotFoundError) as error:
            raise Conflict(f"{self.name}: the row changed") from error
        except HttpResponseError as error:
            raise self._lost(error) from error
        return cast(str, written["etag"])

    async def write_together(self, writes: Sequence[Write]) -> None:
        """Write up to 100 rows of one partition, all of them or none; `Conflict` where one cannot be as it should."""
        try:
            await self._table.submit_transaction([_operation(write) for write in writes])
        except TableTransactionError as error:
            if error.status_code not in _CANNOT_BE:
                raise
            raise Conflict(f"{self.name}: one of {len(writes)} rows changed") from error

    async def put(self, entity: Entity) -> None:
        """Write the row whatever was there: for switches, which only a person sets."""
        await self._table.upsert_entity(dict(entity), mode=UpdateMode.REPLACE)

    async def delete(self, partition: str, row: str, etag: str) -> None:
        """Delete the row if it still has this ETag; `Conflict` where it has another. Gone is gone."""
        try:
            await self._table.delete_entity(partition, row, etag=etag, match_condition=MatchConditions.IfNotModified)
        except (ResourceModifiedError, ResourceNotFoundError) as error:
            raise Conflict(f"{self.name}: the row changed") from error
        except HttpResponseError as error:
            raise self._lost(error) from error

    async def query(self, condition: str, parameters: Mapping[str, object]) -> AsyncIterator[Entity]:
        """Every row that meets a condition, page by page; each `@name` in it stands for a text or a time."""
        async for entity, _ in self.tagged(condition, parameters):
            yield entity

    async def tagged(self, condition: str, parameters: Mapping[str, object]) -> AsyncIterator[tuple[Entity, str]]:
        """The same rows, each with its ETag."""
        async for entity in self._table.query_entities(condition, parameters=dict(parameters)):
            yield entity, _etag(entity)

    def _lost(self, error: HttpResponseError) -> Exception:
        return Conflict(f"{self.name}: the row changed") if error.status_code == 412 else error


def _operation(write: Write) -> tuple[str, dict[str, Any], dict[str, Any]]:
    if write.etag is None:
        return "create", dict(write.entity), {}
    unchanged = {"etag": write.etag, "match_condition": MatchConditions.IfNotModified}
    return "update", dict(write.entity), {"mode": UpdateMode.REPLACE, **unchanged}


def _etag(entity: Any) -> str:
    return cast(str, entity.metadata["etag"])
