"""What the sweep and people do to the ledger: drive a case again, wake it, release it, order something of it.

All of it is written under the ETag that was read, whatever happens at the same time.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from responder.adapters import case_rows
from responder.adapters.conditional_table import Conflict
from responder.adapters.ledger_reading import new_ticket
from responder.adapters.ledger_rows import RowLedger
from responder.core.case import Case, State
from responder.core.orders import NotPossible
from responder.core.resource_row import Hurry, Pardon
from responder.core.transitions import released


class OrderLedger(RowLedger):
    """Writes what somebody else than a worker wants of a case."""

    async def reticket(self, case: Case, now: datetime) -> bool:
        """Give an overdue case a new ticket; False where somebody moved it meanwhile."""
        found = await self._read(case.id)
        if found is None or found[0].ticket != case.ticket or found[0].due != case.due:
            return False
        since = found[0].overdue_since or found[0].due
        fresh = replace(found[0], ticket=new_ticket(), claim="", due=now, overdue_since=since)
        try:
            await self._cases.replace(case_rows.to_entity(fresh), found[1])
        except Conflict:
            return False
        await self._due.schedule(fresh, now)
        return True

    async def wake(self, case_id: str, now: datetime) -> bool:
        """Let a held case ask again at once; False where it is not held any more.

        One that a worker is just opening may have been denied already: its row is written as it is, so that the
        worker's own write conflicts and it asks once more.
        """
        while True:
            found = await self._read(case_id)
            busy = found is not None and found[0].claimed_at(now)
            if found is None or found[0].state is not (State.OPENING if busy else State.HELD):
                return False
            fresh = found[0] if busy else replace(found[0], ticket=new_ticket(), due=now)
            try:
                await self._cases.replace(case_rows.to_entity(fresh), found[1])
            except Conflict:
                continue
            if not busy:
                await self._due.schedule(fresh, now)
            return True

    async def release(self, case_id: str, who: str, why: str, now: datetime) -> Case | None:
        """Give a case that is stopped, canceled or expired another round, at once; `None` where it is none of these.

        What it holds gets a fresh start first. A crash in between leaves the case as it was, to be released again.
        """

        def change(case: Case) -> Case | NotPossible:
            return released(case, who, why, now) or NotPossible("it is not stopped, canceled or expired")

        async def pardon(case: Case) -> None:
            await self.update_each(case, Pardon, now, settled=case.state is State.CLOSED)

        answer = await self.order(case_id, change, now, first=pardon)
        return answer if isinstance(answer, Case) else None

    async def hurry(self, case: Case, now: datetime) -> None:
        """End the wait of what a case is to try again; the cooldown after a task that did not last is kept."""
        await self.update_each(case, Hurry, now)

    async def order(
        self,
        case_id: str,
        change: Callable[[Case], Case | NotPossible],
        now: datetime,
        first: Callable[[Case], Awaitable[None]] | None = None,
    ) -> Case | NotPossible | None:
        """Write what a person ordered, whatever happens at the same time; `None` where there is no such case.

        While a worker holds the case, only what was ordered is written: the worker's own write then conflicts, and it
        takes its step again. Otherwise the case is due at once. `first` is done with the case as it was read, before
        each attempt to write it.
        """
        while True:
            found = await self._read(case_id)
            after = change(found[0]) if found else None
            if found is None or after is None or isinstance(after, NotPossible):
                return after
            if first is not None:
                await first(found[0])
            free = not found[0].claimed_at(now)
            if free:
                after = replace(after, ticket=new_ticket(), claim="", due=now if after.due else None)
            try:
                await self._cases.replace(case_rows.to_entity(after), found[1])
            except Conflict:
                continue
            if free:
                await self._due.schedule(after, now)
            return after
