"""What the sweep asks of the ledger's tables: single resources, who was heard lately, and what may be forgotten.

Everything is forgotten under the ETag that was read. An event that comes in between writes its resource's row first
and then its case: either it changed the row that is to go, and the row stays; or the row is gone, and the event's
resource is a stranger again. The tables are read in 256 slices, so that a pass can stop and go on anywhere.
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from azure.core.exceptions import ResourceNotFoundError

from responder.adapters import case_rows, resource_rows
from responder.adapters.conditional_table import ConditionalTable, Conflict, Entity
from responder.adapters.ledger import CASES, RESOURCES
from responder.adapters.storage import StorageClients
from responder.core import instant
from responder.core.backfill import EVENT_ID
from responder.core.case import Case, CaseKey, State
from responder.core.resource_row import ResourceRow
from responder.core.retention import case_rests, resource_rests

SLICES = 256
_SLICE = "PartitionKey ge @low and PartitionKey lt @high"
_log = logging.getLogger("responder")


@dataclass(frozen=True, slots=True)
class Forgettable:
    """A row that may go, as long as nobody writes it meanwhile."""

    partition: str
    row: str
    etag: str


class LedgerKeeping:
    """Reads the tables that the ledger writes, and forgets rows of them."""

    def __init__(self, cases: ConditionalTable, resources: ConditionalTable) -> None:
        self._cases = cases
        self._resources = resources

    async def resource(self, key: CaseKey, resource: str) -> ResourceRow | None:
        """What is known of one resource under the policy of a key; raises `NewerRow`."""
        found = await self._resources.get(resource_rows.partition(key), resource_rows.row_key(resource))
        return resource_rows.from_entity(found[0]) if found else None

    async def heard_since(self, moment: datetime) -> bool:
        """Whether any resource's newest news came by an event since a time."""
        condition = f"arrived ge {instant.of(moment)}L and event_id ne '' and event_id ne @ours"
        async for _row in self._resources.query(condition, {"ours": EVENT_ID}):
            return True
        return False

    async def old_resources(self, number: int, before: datetime) -> AsyncIterator[Forgettable]:
        """The rows of a slice that rest, and whose case is closed or gone."""
        condition = f"{_SLICE} and arrived lt {instant.of(before)}L"
        async for entity, etag in self._resources.tagged(condition, _bounds(number)):
            try:
                row = resource_rows.from_entity(entity)
                resting = resource_rests(row, before) and await self._is_over(row.key)
            except case_rows.NewerRow:
                continue
            except (case_rows.BadRow, KeyError, ValueError) as error:
                _log.error("A resource's row cannot be read and is left alone: %s", error)
                continue
            if resting:
                yield _forgettable(entity, etag)

    async def old_cases(self, number: int, before: datetime) -> AsyncIterator[Forgettable]:
        """The cases of a slice that rest and hold no resource that still asks for something."""
        condition = f"{_SLICE} and state eq @state and Timestamp lt @before"
        bounds = {**_bounds(number), "state": State.CLOSED.value, "before": before}
        async for entity, etag in self._cases.tagged(condition, bounds):
            try:
                case = case_rows.from_entity(entity)
                resting = case_rests(case, before) and not await self._asks(case)
            except case_rows.NewerRow:
                continue
            except (case_rows.BadRow, KeyError, ValueError) as error:
                _log.error("A case's row is left alone: %s", error)
                continue
            if resting:
                yield _forgettable(entity, etag)

    async def forget_resource(self, old: Forgettable) -> bool:
        """Forget one; False where somebody wrote it meanwhile."""
        return await _forget(self._resources, old)

    async def forget_case(self, old: Forgettable) -> bool:
        """Forget one; False where somebody wrote it meanwhile."""
        return await _forget(self._cases, old)

    async def _is_over(self, key: CaseKey) -> bool:
        found = await self._cases.get(case_rows.partition(key.id), key.id)
        return found is None or case_rows.from_entity(found[0]).state is State.CLOSED

    async def _asks(self, case: Case) -> bool:
        partition = resource_rows.partition(case.key)
        async for entity in self._resources.query("PartitionKey eq @partition", {"partition": partition}):
            if entity.get("case") == case.id and resource_rows.from_entity(entity).open:
                return True
        return False


def keeping_of(storage: StorageClients) -> LedgerKeeping:
    """The keeping of the ledger in a storage account."""
    return LedgerKeeping(ConditionalTable(storage.tables, CASES), ConditionalTable(storage.tables, RESOURCES))


async def forget_older(table: ConditionalTable, before: datetime, most: int) -> int:
    """Forget rows that nobody wrote since a time, at most so many; 0 where there is no such table yet."""
    forgotten = 0
    try:
        async for entity, etag in table.tagged("Timestamp lt @before", {"before": before}):
            if forgotten >= most:
                break
            forgotten += await _forget(table, _forgettable(entity, etag))
    except ResourceNotFoundError:
        return forgotten
    return forgotten


def _bounds(number: int) -> dict[str, object]:
    """The partitions of a slice: keys are hexadecimal digits, and `g` is behind them all."""
    return {"low": f"{number:02x}", "high": f"{number + 1:02x}" if number + 1 < SLICES else "g"}


def _forgettable(entity: Entity, etag: str) -> Forgettable:
    return Forgettable(str(entity["PartitionKey"]), str(entity["RowKey"]), etag)


async def _forget(table: ConditionalTable, old: Forgettable) -> bool:
    try:
        await table.delete(old.partition, old.row, old.etag)
    except Conflict:
        return False
    return True
