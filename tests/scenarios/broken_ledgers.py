"""Four ledgers, each broken in one plausible way, to show that the search finds what it is there to find."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from responder.adapters import resource_rows
from responder.adapters.due_queue import Ticket
from responder.adapters.ledger import Admission, Claimed, Dropped, Ledger
from responder.core.case import CaseKey, News, State
from responder.core.policy_state import PolicyStateChange
from responder.core.resource_row import Admitted, ResourceRow
from responder.core.span import Link


class ListsBeforeItClaims(Ledger):
    """A worker lists its resources first and claims the case second: news in between is seen by nobody."""

    _listed: dict[str, tuple[ResourceRow, ...]] | None = None

    async def claim(self, ticket: Ticket, now: datetime) -> Claimed | Dropped:
        self._listed = self._listed or {}
        case = await self.case(ticket.case)
        if case is not None:
            self._listed[case.id] = await super().rows(case.key)
        return await super().claim(ticket, now)

    async def rows(self, key: CaseKey) -> tuple[ResourceRow, ...]:
        listed = (self._listed or {}).pop(key.id, None)
        return await super().rows(key) if listed is None else listed


class SilentUnlessClosed(Ledger):
    """An event says nothing to a case that is not closed, because somebody works on it anyway."""

    async def tell(self, news: News, now: datetime) -> None:
        case = await self.case(news.key.id)
        if case is None or case.state is State.CLOSED:
            await super().tell(news, now)


class PlansAgainAfterACrash(Ledger):
    """A worker that finds a case in `opening` trusts nothing and makes the plan of the round anew."""

    async def claim(self, ticket: Ticket, now: datetime) -> Claimed | Dropped:
        claimed = await super().claim(ticket, now)
        if isinstance(claimed, Claimed) and claimed.before.state is State.OPENING and claimed.before.claim:
            return replace(claimed, case=replace(claimed.case, state=State.GATHERING, plan=None))
        return claimed


class AcknowledgesRepeatsUnread(Ledger):
    """An event whose resource is known already is acknowledged without reading the case."""

    async def admit(
        self,
        change: PolicyStateChange,
        key: CaseKey,
        news: Callable[[CaseKey], News],
        now: datetime,
        link: Link | None,
        admitted: Admitted | None = None,
    ) -> Admission:
        found = await self._resources.get(resource_rows.partition(key), resource_rows.row_key(change.resource.text))
        if found is not None:
            row = resource_rows.from_entity(found[0])
            if row.scan >= change.scan:
                return Admission(row.key.id)
        return await super().admit(change, key, news, now, link, admitted)
