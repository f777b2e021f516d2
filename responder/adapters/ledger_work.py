"""What a worker does to the ledger: W1 to W4 of `docs/architecture.md`, and the hand-over.

A worker writes its case first and lists the resources second; its last write is conditional on its first, so whatever
came in between makes it look again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from responder.adapters import case_rows, resource_rows
from responder.adapters.conditional_table import Conflict
from responder.adapters.due_queue import Ticket
from responder.adapters.ledger_events import EventLedger
from responder.adapters.ledger_reading import new_ticket
from responder.adapters.ledger_rows import RowLedger
from responder.core.case import Case, Kind, Move, News, State
from responder.core.resource_row import RowUpdate

_ASK_NEWER_AGAIN = timedelta(minutes=5)


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


class WorkLedger(EventLedger, RowLedger):
    """Lets one worker at a time take the next step of a case."""

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
        taken = replace(case, claim=new_ticket(), due=now + self._lease, overdue_since=None, news=False)
        held = replace(taken, state=state, attempted_at=attempted)
        try:
            return Claimed(held, case, await self._cases.replace(case_rows.to_entity(held), etag))
        except Conflict:
            return None

    async def settle(
        self, claimed: Claimed, after: Case, now: datetime, afterwards: tuple[RowUpdate, ...] = ()
    ) -> Claimed | None:
        """W4: write the case as it is after the step, and schedule it.

        Where news came in between, the case is claimed again and returned: the step is to be taken once more. A
        worker whose lease was taken over leaves. `afterwards` is remembered of single resources only once the case
        has moved by this very write.
        """
        moved = replace(after, claim="", news=False, ticket=new_ticket())
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
