"""What the ledger can be asked: one case, many, and the resources of one.

Everything else that the ledger does begins with a look at these two tables; so this is what its other parts stand on.
"""

import logging
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from responder.adapters import case_rows, resource_rows
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.due_queue import DueQueue
from responder.core import instant, look
from responder.core.case import Case, CaseKey, State
from responder.core.resource_row import ResourceRow
from responder.core.slots import Holder

CASES = "respondercases"
RESOURCES = "responderresources"
_log = logging.getLogger("responder")


class ReadLedger:
    """The tables of the ledger, and what is read from them."""

    def __init__(self, cases: ConditionalTable, resources: ConditionalTable, due: DueQueue, lease: timedelta) -> None:
        self._cases = cases
        self._resources = resources
        self._due = due
        self._lease = lease

    async def ensure(self) -> None:
        """Create the tables and the queue where they are missing."""
        await self._cases.create()
        await self._resources.create()
        await self._due.ensure()

    async def case(self, case_id: str) -> Case | None:
        """One case by its id."""
        found = await self._read(case_id)
        return found[0] if found else None

    async def rows(self, key: CaseKey) -> tuple[ResourceRow, ...]:
        """W2: what is known of every resource of this policy in the case's resource group."""
        partition = resource_rows.partition(key)
        entities = self._resources.query("PartitionKey eq @partition", {"partition": partition})
        return tuple([resource_rows.from_entity(entity) async for entity in entities])

    async def cases(self, state: str | None = None, most: int = 100_000) -> list[Case]:
        """Every case, or those in one state."""
        if state is None:
            return await self._list("version ge 0", {}, most)
        return await self._list("state eq @state", {"state": state}, most)

    async def among(self, states: Iterable[State]) -> list[Case]:
        """Every case in one of these states. One query: a case that moves between them meanwhile is not missed."""
        return await self._list(" or ".join(f"state eq '{state.value}'" for state in states), {}, 100_000)

    async def overdue(self, before: datetime, most: int) -> list[Case]:
        """Cases that were due before a time and that nobody has moved since, at most `most` of them."""
        return await self._list(f"due gt 0L and due lt {instant.of(before)}L", {}, most)

    async def holders(self) -> tuple[Holder, ...]:
        """What opens or runs a task now: what the slots are rebuilt from where their row was lost.

        Only what runs is sure to hold one: many more may be opening, and asking, than may run.
        """
        return tuple(_holder(case) for case in await self.among((State.OPENING, State.RUNNING)))

    async def _read(self, case_id: str) -> tuple[Case, str] | None:
        found = await self._cases.get(case_rows.partition(case_id), case_id)
        return (case_rows.from_entity(found[0]), found[1]) if found else None

    async def _list(self, condition: str, parameters: dict[str, object], most: int) -> list[Case]:
        listed: list[Case] = []
        async for entity in self._cases.query(condition, parameters):
            try:
                listed.append(case_rows.from_entity(entity))
            except case_rows.NewerRow:
                continue
            except case_rows.BadRow as broken:  # one broken row must not keep the sweep from all the others
                _log.error("%s Delete it; the next news of its resources begins it anew.", broken)
                continue
            if len(listed) >= most:
                break
        return listed


def new_ticket() -> str:
    """A random word: the name of a message to come, or of a claim."""
    return secrets.token_hex(8)


def _holder(case: Case) -> Holder:
    since = case.opened_at or case.waiting_since or case.first_news
    resources = look.asked_count(case, len(case.plan.resources)) if case.plan else 0
    return Holder(case.id, case.round, case.definition, since, resources, sure=case.state is State.RUNNING)
