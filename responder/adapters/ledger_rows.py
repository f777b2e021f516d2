"""What was learnt of single resources, written into their rows.

Each update is a fact that may be written twice: who is interrupted begins again, and a row that knows it is left alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from responder.adapters import resource_rows
from responder.adapters.conditional_table import MOST_TOGETHER, Conflict, Write
from responder.adapters.ledger_reading import ReadLedger
from responder.core.case import Case, CaseKey
from responder.core.resource_row import Hurry, Pardon, ResourceRow, RowUpdate, unannounced, updated

_Learnt = dict[str, tuple[RowUpdate, ...]]  # of each resource, in the order it was learnt


class RowLedger(ReadLedger):
    """Writes what workers and people have to say of a case's resources."""

    few = 10  # resources: for more, one query and a transaction are quicker than a read and a write of each

    async def update_rows(self, case: Case, updates: tuple[RowUpdate, ...], now: datetime) -> None:
        """Write what was learnt of single resources; each is a fact that may be written twice.

        Many are read by one query and written a hundred at a time. Where somebody else writes one of a hundred
        meanwhile, none of them is written, and each is tried alone.
        """
        learnt: _Learnt = {}
        for update in updates:
            learnt[update.resource] = (*learnt.get(update.resource, ()), update)
        alone = learnt if len(learnt) <= self.few else await self._update_together(case, learnt, now)
        for resource, its in alone.items():
            await self._update_row(case, resource, its, now)

    async def _update_together(self, case: Case, learnt: _Learnt, now: datetime) -> _Learnt:
        """Write the rows in transactions; what is left, to be tried alone."""
        known = await self._tagged(case.key, {resource_rows.row_key(resource): resource for resource in learnt})
        writes: dict[str, Write] = {}
        for resource, its in learnt.items():
            row, etag = known.get(resource, (None, None))
            after = _after(row, its, case, now)
            if after is not None and after != row:
                writes[resource] = Write(resource_rows.to_entity(after), etag)
        left: _Learnt = {}
        for some in _parts(list(writes)):
            try:
                await self._resources.write_together([writes[resource] for resource in some])
            except Conflict:
                left |= {resource: learnt[resource] for resource in some}
        return left

    async def _tagged(self, key: CaseKey, wanted: Mapping[str, str]) -> dict[str, tuple[ResourceRow, str]]:
        """The rows of these resources, each with its ETag, by one query."""
        partition = {"partition": resource_rows.partition(key)}
        return {
            wanted[str(entity["RowKey"])]: (resource_rows.from_entity(entity), etag)
            async for entity, etag in self._resources.tagged("PartitionKey eq @partition", partition)
            if entity["RowKey"] in wanted
        }

    async def _update_row(self, case: Case, resource: str, its: Sequence[RowUpdate], now: datetime) -> None:
        partition, row_key = resource_rows.partition(case.key), resource_rows.row_key(resource)
        while True:
            found = await self._resources.get(partition, row_key)
            row = resource_rows.from_entity(found[0]) if found else None
            after = _after(row, its, case, now)
            if after is None or after == row:
                return
            try:
                if found is None:
                    await self._resources.insert(resource_rows.to_entity(after))
                else:
                    await self._resources.replace(resource_rows.to_entity(after), found[1])
            except Conflict:
                continue
            return

    async def update_each(
        self, case: Case, update: Callable[[str], Pardon | Hurry], now: datetime, settled: bool = False
    ) -> None:
        """Update what is open or given up of a case; with `settled`, whatever of it is non-compliant."""
        held = [row for row in await self.rows(case.key) if row.key == case.key]
        rows = [row for row in held if row.open or row.given_up or (settled and row.noncompliant)]
        await self.update_rows(case, tuple(update(row.resource) for row in rows), now)


def _after(row: ResourceRow | None, its: Sequence[RowUpdate], case: Case, now: datetime) -> ResourceRow | None:
    """The row after all that was learnt of it; `None` where there is none, and none is needed."""
    for update in its:
        row = unannounced(update, case, now) if row is None else updated(row, update)
    return row


def _parts(resources: Sequence[str]) -> Iterator[Sequence[str]]:
    return (resources[at : at + MOST_TOGETHER] for at in range(0, len(resources), MOST_TOGETHER))
