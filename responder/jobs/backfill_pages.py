"""Pages of present states, each state compared with what the ledger knows, within what one tick may do."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

from responder.adapters.arm_error import ArmError
from responder.adapters.case_rows import NewerRow
from responder.adapters.ledger_keeping import LedgerKeeping, keeping_of
from responder.adapters.state_pages import Page, read_page
from responder.core.admission import Knock
from responder.core.backfill import EVENT_ID, LATELY, PolicyFacts, counted, finding_of, knock_of
from responder.core.backfill_cycle import Cycle, Tally
from responder.core.facts import Unread
from responder.core.resource_id import resource_id
from responder.core.surveyed import Surveyed, is_compliant, surveyed
from responder.restraint import asked_to_wait, throttled
from responder.wiring import Parts

PAGES_AT_ONCE = 2
POLICIES_AT_ONCE = 20  # policies whose facts must be read first, up to three requests each
ADMITTED_AT_ONCE = 500
WORKS_FOR = timedelta(seconds=20)
LONGEST_LINK = 20_000  # characters; it is written down between ticks
_TOGETHER = 16
_LINK_IS_DEAD = (400, 404, 410)


@dataclass(slots=True)
class _Budget:
    """What this tick may still do."""

    until: datetime
    policies: int = POLICIES_AT_ONCE
    admissions: int = ADMITTED_AT_ONCE

    def spent(self, now: datetime) -> bool:
        """Whether the rest is for another tick."""
        return now >= self.until or self.admissions <= 0


async def read_some(parts: Parts, cycle: Cycle, scopes: Sequence[str], now: datetime) -> Cycle:
    """The cycle after a page or two, or after as much of them as one tick may do."""
    budget = _Budget(parts.clock() + WORKS_FOR)
    for _page in range(PAGES_AT_ONCE):
        if cycle.scope is None:
            break
        cycle, goes_on = await _page_of(parts, cycle, cycle.scope, scopes, budget, now)
        if not goes_on:
            break
    return cycle


async def _page_of(
    parts: Parts, cycle: Cycle, scope: str, scopes: Sequence[str], budget: _Budget, now: datetime
) -> tuple[Cycle, bool]:
    """One page, and whether the tick goes on."""
    if waits := await asked_to_wait(parts, resource_id(scope), now):
        return replace(cycle, until=waits.until), False
    try:
        page = await read_page(parts.arm, scope, cycle.link or None)
    except ArmError as error:
        await throttled(error, resource_id(scope), parts)  # for everybody who asks about the same subscription
        return _refused(cycle, error, scopes, now)
    states, unreadable = _understood(page)
    if not cycle.offset:
        cycle = cycle.found(Tally(unreadable=unreadable), 0)
    for some in _slices(states[cycle.offset :]):
        tally, done = await _compared(parts, some, budget, now)
        cycle = cycle.found(tally, done)
        if done < len(some) or budget.spent(parts.clock()):
            return cycle, False
    if page.following and len(page.following) > LONGEST_LINK:
        return cycle.skipped(f"the link to the next page at {scope} is too long to keep", scopes), True
    return cycle.turned(page.following, scopes), True


def _refused(cycle: Cycle, error: ArmError, scopes: Sequence[str], now: datetime) -> tuple[Cycle, bool]:
    """Later where Azure is busy; from the first page where the link is dead; else the next scope."""
    stuck = now - cycle.began > LATELY
    if cycle.link and error.status in _LINK_IS_DEAD and not stuck:
        return cycle.started_over(), False
    if error.transient and error.code != "ForeignHost" and not stuck:
        return replace(cycle, until=now + error.retry_after if error.retry_after else None), False
    return cycle.skipped(error.what, scopes), True


def _understood(page: Page) -> tuple[list[Surveyed], int]:
    """The states of a page, and how many rows could not be read."""
    read = [(row, surveyed(row)) for row in page.rows]
    unreadable = sum(state is None and not is_compliant(row) for row, state in read)
    return [state for _, state in read if state is not None], unreadable


def _slices(states: Sequence[Surveyed]) -> Iterator[Sequence[Surveyed]]:
    return (states[at : at + _TOGETHER] for at in range(0, len(states), _TOGETHER))


async def _compared(parts: Parts, states: Sequence[Surveyed], budget: _Budget, now: datetime) -> tuple[Tally, int]:
    """What some states come to, and how many of them were looked at before the budget ran out."""
    knocks: list[Knock] = []
    for state in states:
        policy = await _facts(parts, state, budget)
        if policy is None:
            break
        knocks.append(knock_of(state, policy, parts.rules))
    wanted = [knock for knock in knocks if knock.let_in]
    keeping = keeping_of(parts.storage)
    tallies = await asyncio.gather(*(_taken(parts, keeping, knock, now) for knock in wanted))
    tally = reduce(Tally.plus, tallies, Tally(states=len(knocks)))
    budget.admissions -= tally.admitted + tally.renewed
    return tally, len(knocks)


async def _facts(parts: Parts, state: Surveyed, budget: _Budget) -> PolicyFacts | None:
    """What is known of the state's policy, read where it is not remembered; `None` where that is for another tick."""
    named = state.policy.assignment, state.policy.definition, state.policy.reference, state.resource
    known = parts.facts.known(*named)
    if not any(isinstance(fact, Unread) for fact in known):
        return known
    if budget.policies <= 0:
        return None
    budget.policies -= 1
    return await parts.facts.about(*named)


async def _taken(parts: Parts, keeping: LedgerKeeping, knock: Knock, now: datetime) -> Tally:
    """One wanted state: counted, and admitted where its rule says so; a newer version's rows are left to it."""
    try:
        row = await keeping.resource(knock.key, knock.change.resource.text)
        finding = finding_of(knock, row, now)
        if finding.admits:
            await parts.ledger.admit(knock.change, knock.key, knock.news(now), now, None, knock.admitted)
            parts.telemetry.count_event(knock.decision.answer.value, EVENT_ID)
    except NewerRow:
        return Tally(wanted=1)
    return counted(finding, now)
