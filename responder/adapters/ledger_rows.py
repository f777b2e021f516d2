"""What was learnt of single resources, written into their rows.

Each update is a fact that may be written twice: who is interrupted begins again, and a row that knows it is left alone.
"""

from collections.abc import Callable
from datetime import datetime

from responder.adapters import resource_rows
from responder.adapters.conditional_table import Conflict
from responder.adapters.ledger_reading import ReadLedger
from responder.core.case import Case
from responder.core.resource_row import Hurry, Pardon, RowUpdate, unannounced, updated


class RowLedger(ReadLedger):
    """Writes what workers and people have to say of a case's resources."""

    async def update_rows(self, case: Case, updates: tuple[RowUpdate, ...], now: datetime) -> None:
        """Write what was learnt of single resources; each is a fact that may be written twice."""
        for update in updates:
            await self._update_row(case, update, now)

    async def _update_row(self, case: Case, update: RowUpdate, now: datetime) -> None:
        partition, row_key = resource_rows.partition(case.key), resource_rows.row_key(update.resource)
        while True:
            found = await self._resources.get(partition, row_key)
            try:
                if found is None:
                    fresh = unannounced(update, case, now)
                    if fresh is not None:
                        await self._resources.insert(resource_rows.to_entity(fresh))
                    return
                row = resource_rows.from_entity(found[0])
                after = updated(row, update)
                if after != row:
                    await self._resources.replace(resource_rows.to_entity(after), found[1])
            except Conflict:
                continue
            return

    async def update_each(
        self, case: Case, update: Callable[[str], Pardon | Hurry], now: datetime, settled: bool = False
    ) -> None:
        """Update what is open of a case; with `settled`, whatever of it is non-compliant."""
        held = [row for row in await self.rows(case.key) if row.key == case.key]
        rows = [row for row in held if row.open or (settled and row.noncompliant)]
        await self.update_rows(case, tuple(update(row.resource) for row in rows), now)
