"""The ledger: cases and resources in two tables, moved by the protocol of `docs/architecture.md`.

Every table operation is one atomic step and nothing is atomic across partitions, so the order of the writes is
the whole design. An event writes its resource first and its case second; a worker writes its case first and
lists the resources second. So either the worker sees the resource, or the event sees the worker's write.
"""

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from responder.adapters import case_rows, resource_rows
from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.adapters.due_queue import DueQueue, Ticket
from responder.core import instant, look
from responder.core.case import Case, CaseKey, Kind, Move, News, State, absorb
from responder.core.orders import NotPossible
from responder.core.policy_state import PolicyStateChange
from responder.core.resource_row import (
    Admitted,
    Hurry,
    Pardon,
    ResourceRow,
    RowUpdate,
    heard,
    unannounced,
    updated,
)
from responder.core.slots import Holder
from responder.core.span import Link
from responder.core.transitions import released

CASES = "respondercases"
RESOURCES = "responderresources"
_log = logging.getLogger("responder")
_ASK_NEWER_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Admission:
    """What an event came to in the ledger."""

    case: str  # the id of the case that its news went to; "" where it went to none
    stale: bool = False  # the ledger knew newer news


@dataclass(frozen=True, slots=True)
class Claimed:
    """A case that this worker holds for one step, under an ETag that only its own next write may use."""

    case: Case
    before: Case
    etag: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A message that moves nothing, and why."""

    because: str


class Ledger:
    """The only memory. Safe for any number of processes at once."""

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

    # An event: E1 to E4 ----------------------------------------------------------------------------------------

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
                after = replace(after, ticket=_new_ticket())
            try:
                if found is None:
                    await self._cases.insert(case_rows.to_entity(after))
                else:
                    await self._cases.replace(case_rows.to_entity(after), found[1])
            except Conflict:
                continue
            await self._due.schedule(after, now)
            return

    # A worker: W1, W2, W4 --------------------------------------------------------------------------------------

    async def claim(self, ticket: Ticket, now: datetime) -> Claimed | Dropped:
        """W1: hold the case for one step. A message under another ticket, or one that comes early, holds nothing."""
        while True:
            try:
                found = await self._read(ticket.case)
            except case_rows.NewerRow as newer:
                await self._due.put(ticket, now + _ASK_NEWER_AGAIN, now)
                return Dropped(str(newer))
            if found is None:
                return Dropped("no such case")
            case, etag = found
            if case.ticket != ticket.ticket or case.due is None:
                return Dropped("another ticket is out for this case")
            if case.due > now:
                await self._due.put(ticket, case.due, now)
                return Dropped("it is not due yet")
            claimed = await self._hold(case, etag, now)
            if claimed is not None:
                return claimed

    async def _hold(self, case: Case, etag: str, now: datetime) -> Claimed | None:
        state = State.OPENING if case.state is State.HELD and case.plan is not None else case.state
        attempted = now if state is State.OPENING else case.attempted_at
        held = replace(
            case, state=state, claim=_new_ticket(), due=now + self._lease, news=False, attempted_at=attempted
        )
        try:
            return Claimed(held, case, await self._cases.replace(case_rows.to_entity(held), etag))
        except Conflict:
            return None

    async def rows(self, key: CaseKey) -> tuple[ResourceRow, ...]:
        """W2: what is known of every resource of this policy in the case's resource group."""
        partition = resource_rows.partition(key)
        entities = self._resources.query("PartitionKey eq @partition", {"partition": partition})
        return tuple([resource_rows.from_entity(entity) async for entity in entities])

    async def settle(
        self, claimed: Claimed, after: Case, now: datetime, afterwards: tuple[RowUpdate, ...] = ()
    ) -> Claimed | None:
        """W4: write the case as it is after the step, and schedule it.

        Where news came in between, the case is claimed again and returned: the step is to be taken once more. A
        worker whose lease was taken over leaves. `afterwards` is remembered of single resources only once the case
        has moved by this very write.
        """
        moved = replace(after, claim="", news=False, ticket=_new_ticket())
        try:
            await self._cases.replace(case_rows.to_entity(moved), claimed.etag)
        except Conflict:
            return await self._claim_again(claimed, moved, now, afterwards)
        await self._due.schedule(moved, now)
        await self.update_rows(moved, afterwards, now)
        return None

    async def _claim_again(
        self, claimed: Claimed, moved: Case, now: datetime, afterwards: tuple[RowUpdate, ...]
    ) -> Claimed | None:
        while True:
            found = await self._read(claimed.case.id)
            if found is None:
                return None
            case, etag = found
            if case.ticket == moved.ticket:  # our own write, whose answer was lost
                await self._due.schedule(case, now)
                await self.update_rows(moved, afterwards, now)
                return None
            taken = case.claim != claimed.case.claim and case.claimed_at(now)
            if case.ticket != claimed.case.ticket or taken:
                return None
            again = await self._hold(case, etag, now)
            if again is not None:
                # What this worker has asked of Azure meanwhile is known to its next try, as it would be to another's;
                # and so is news, which this claim has just taken off the row.
                news = claimed.before.news or again.before.news
                return replace(again, before=replace(claimed.before, attempted_at=moved.attempted_at, news=news))

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

    async def hand_over(self, case: Case, move: Move, now: datetime) -> None:
        """One resource to another case: its row first, then that case, as for an event. Repeating it is harmless."""
        partition, row_key = resource_rows.partition(case.key), resource_rows.row_key(move.resource)
        while True:
            found = await self._resources.get(partition, row_key)
            if found is None:
                return
            row = resource_rows.from_entity(found[0])
            if row.key not in (case.key, move.to):
                return
            try:
                if row.key != move.to:
                    await self._resources.replace(resource_rows.to_entity(replace(row, key=move.to)), found[1])
            except Conflict:
                continue
            break
        if row.open:  # else the other case has dealt with it before this was repeated
            await self.tell(_news_of(case, move, now), now)

    async def _read(self, case_id: str) -> tuple[Case, str] | None:
        found = await self._cases.get(case_rows.partition(case_id), case_id)
        return (case_rows.from_entity(found[0]), found[1]) if found else None

    # The sweep and the commands --------------------------------------------------------------------------------

    async def overdue(self, before: datetime, most: int) -> list[Case]:
        """Cases that were due before a time and that nobody has moved since, at most `most` of them."""
        return await self._list(f"due gt 0L and due lt {instant.of(before)}L", {}, most)

    async def holders(self) -> tuple[Holder, ...]:
        """What opens or runs a task now: what the slots are rebuilt from where their row was lost.

        Only what runs is sure to hold one: many more may be opening, and asking, than may run.
        """
        return tuple(_holder(case) for case in await self.among((State.OPENING, State.RUNNING)))

    async def reticket(self, case: Case, now: datetime) -> bool:
        """Give an overdue case a new ticket; False where somebody moved it meanwhile."""
        found = await self._read(case.id)
        if found is None or found[0].ticket != case.ticket or found[0].due != case.due:
            return False
        fresh = replace(found[0], ticket=_new_ticket(), claim="", due=now)
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
            fresh = found[0] if busy else replace(found[0], ticket=_new_ticket(), due=now)
            try:
                await self._cases.replace(case_rows.to_entity(fresh), found[1])
            except Conflict:
                continue
            if not busy:
                await self._due.schedule(fresh, now)
            return True

    async def release(self, case_id: str, who: str, why: str, now: datetime) -> bool:
        """Give a case that is stopped, canceled or expired another round, at once; False where it is none of these.

        What it holds gets a fresh start first. A crash in between leaves the case as it was, to be released again.
        """
        while True:
            found = await self._read(case_id)
            after = released(found[0], who, why, now) if found else None
            if found is None or after is None:
                return False
            await self._each_row(found[0], Pardon, now, settled=found[0].state is State.CLOSED)
            after = replace(after, ticket=_new_ticket())
            try:
                await self._cases.replace(case_rows.to_entity(after), found[1])
            except Conflict:
                continue
            await self._due.schedule(after, now)
            return True

    async def hurry(self, case: Case, now: datetime) -> None:
        """End the wait of what a case is to try again; the cooldown after a task that did not last is kept."""
        await self._each_row(case, Hurry, now)

    async def _each_row(
        self, case: Case, update: Callable[[str], Pardon | Hurry], now: datetime, settled: bool = False
    ) -> None:
        """Update what is open of a case; with `settled`, whatever of it is non-compliant."""
        held = [row for row in await self.rows(case.key) if row.key == case.key]
        rows = [row for row in held if row.open or (settled and row.noncompliant)]
        await self.update_rows(case, tuple(update(row.resource) for row in rows), now)

    async def order(
        self, case_id: str, change: Callable[[Case], Case | NotPossible], now: datetime
    ) -> Case | NotPossible | None:
        """Write what a person ordered, whatever happens at the same time; `None` where there is no such case.

        While a worker holds the case, only what was ordered is written: the worker's own write then conflicts, and it
        takes its step again. Otherwise the case is due at once.
        """
        while True:
            found = await self._read(case_id)
            after = change(found[0]) if found else None
            if found is None or after is None or isinstance(after, NotPossible):
                return after
            free = not found[0].claimed_at(now)
            if free:
                after = replace(after, ticket=_new_ticket(), claim="", due=now if after.due else None)
            try:
                await self._cases.replace(case_rows.to_entity(after), found[1])
            except Conflict:
                continue
            if free:
                await self._due.schedule(after, now)
            return after

    async def case(self, case_id: str) -> Case | None:
        """One case by its id."""
        found = await self._read(case_id)
        return found[0] if found else None

    async def cases(self, state: str | None = None, most: int = 100_000) -> list[Case]:
        """Every case, or those in one state."""
        if state is None:
            return await self._list("version ge 0", {}, most)
        return await self._list("state eq @state", {"state": state}, most)

    async def among(self, states: Iterable[State]) -> list[Case]:
        """Every case in one of these states. One query: a case that moves between them meanwhile is not missed."""
        return await self._list(" or ".join(f"state eq '{state.value}'" for state in states), {}, 100_000)

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


def _news_of(case: Case, move: Move, now: datetime) -> News:
    joined = move.to.kind is Kind.GROUP
    return News(
        key=move.to,
        definition=case.definition,
        reference=case.reference,
        withdraws=False,
        settings=case.settings,
        rule=case.rule,
        due=now + case.settings.gather_for if joined else now,
        handed="" if joined else move.digest,
    )


def _new_ticket() -> str:
    return secrets.token_hex(8)


def _holder(case: Case) -> Holder:
    since = case.opened_at or case.waiting_since or case.first_news
    resources = look.asked_count(case, len(case.plan.resources)) if case.plan else 0
    return Holder(case.id, case.round, case.definition, since, resources, sure=case.state is State.RUNNING)
