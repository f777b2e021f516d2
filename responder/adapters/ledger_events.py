"""What an event does to the ledger: E1 to E4 of `docs/architecture.md`.

Its resource's row comes first and the case second, duplicates included: a worker writes its case first and lists the
resources second, so either the worker sees the resource, or the event sees the worker's write.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from responder.adapters import case_rows, resource_rows
from responder.adapters.conditional_table import Conflict
from responder.adapters.ledger_reading import ReadLedger, new_ticket
from responder.core.case import CaseKey, News, absorb
from responder.core.policy_state import PolicyStateChange
from responder.core.resource_row import Admitted, ResourceRow, heard
from responder.core.span import Link


@dataclass(frozen=True, slots=True)
class Admission:
    """What an event came to in the ledger."""

    case: str  # the id of the case that its news went to; "" where it went to none
    stale: bool = False  # the ledger knew newer news


class EventLedger(ReadLedger):
    """Takes the news of events."""

    async def admit(
        self,
        change: PolicyStateChange,
        key: CaseKey,
        news: Callable[[CaseKey], News],
        now: datetime,
        link: Link | None,
        admitted: Admitted | None = None,
    ) -> Admission:
        """Take an event's news: its resource first (E1), then the case that holds it (E2 to E4)."""
        row, stale = await self._hear(change, key, now, {"link": link, "admitted": admitted})
        if row is None:
            return Admission("", stale=False)
        if not change.withdraws and not row.open:
            return Admission(row.key.id, stale)  # dealt with: no worker would plan it, whatever the case says
        await self.tell(news(row.key), now)
        return Admission(row.key.id, stale)

    async def _hear(
        self, change: PolicyStateChange, key: CaseKey, now: datetime, marks: Mapping[str, Any]
    ) -> tuple[ResourceRow | None, bool]:
        """E1: the resource's row with the news in it; `None` where a stranger brings good news."""
        fresh = heard(None, change, key, now)
        if fresh is None:
            return await self._merge(change, key, now, {"link": marks["link"]})  # the last decision stays
        fresh = replace(fresh, **marks)
        while True:
            try:
                await self._resources.insert(resource_rows.to_entity(fresh))
            except Conflict:  # the row is known: its news is merged
                known = await self._merge(change, key, now, marks)
                if known[0] is None:  # it was forgotten in between (retention): a stranger again
                    continue
                return known
            return fresh, False

    async def _merge(
        self, change: PolicyStateChange, key: CaseKey, now: datetime, marks: Mapping[str, Any]
    ) -> tuple[ResourceRow | None, bool]:
        while True:
            found = await self._resources.get(resource_rows.partition(key), resource_rows.row_key(change.resource.text))
            if found is None:
                return None, False
            row = resource_rows.from_entity(found[0])
            merged = heard(row, change, key, now)
            if merged is None:
                return row, change.scan < row.scan
            merged = replace(merged, **marks)
            try:
                await self._resources.replace(resource_rows.to_entity(merged), found[1])
            except Conflict:
                continue
            return merged, False

    async def tell(self, news: News, now: datetime) -> None:
        """E2 to E4: the case absorbs the news, always after its resource's row is written."""
        while True:
            found = await self._read(news.key.id)
            before = found[0] if found else None
            after = absorb(before, news, now, birth=secrets.token_hex(16))
            if after is None:
                return
            if before is None or (before.state, before.due) != (after.state, after.due):
                after = replace(after, ticket=new_ticket())
            try:
                if found is None:
                    await self._cases.insert(case_rows.to_entity(after))
                else:
                    await self._cases.replace(case_rows.to_entity(after), found[1])
            except Conflict:
                continue
            await self._due.schedule(after, now)
            return
