"""Forgetting beside events, in every order of their single steps: no news is lost to a row that goes at that moment."""

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from responder.adapters import case_rows, resource_rows
from responder.adapters.ledger import CASES, RESOURCES, Ledger
from responder.adapters.ledger_keeping import LedgerKeeping
from responder.core.case import CaseKey, Kind, Moment, State
from responder.core.resource_row import ResourceRow
from tests.core.builders import a_case, a_change, a_key, a_news, a_row, at, scan, vault
from tests.scenarios.interleaving import Mood, Process, turn
from tests.scenarios.memory_table import MemoryQueue, MemoryTable

LEASE = timedelta(minutes=1)
LONG_AGO, NOW = at(0), at(60 * 24 * 70)
HORIZON = NOW - timedelta(days=60)
FRESH = 60 * 24 * 69.0  # minutes: scanned a day ago


@dataclass(frozen=True, slots=True)
class Play:
    """A ledger in memory, what goes on at the same time, and what must be true in the end."""

    cases: MemoryTable
    resources: MemoryTable
    queue: MemoryQueue
    ledger: Ledger
    keeping: LedgerKeeping

    def rows(self) -> list[ResourceRow]:
        """Every resource."""
        return [resource_rows.from_entity(entity) for entity in self.resources.entities()]


def a_tombstone(name: str, key: CaseKey, compliance: str = "noncompliant") -> ResourceRow:
    return a_row(name, key=key, settled=scan(0), compliance=compliance)


def a_play(kind: Kind, *old: str) -> Play:
    """A closed case from long ago and the tombstones of what it held."""
    cases, resources, queue = MemoryTable(CASES, turn), MemoryTable(RESOURCES, turn), MemoryQueue(turn)
    key = a_key(kind)
    history = (Moment(LONG_AGO, State.CLOSED, "verified", ""),)
    cases.put_at_once(case_rows.to_entity(a_case(State.CLOSED, key=key, history=history)))
    for name in old:
        resources.put_at_once(resource_rows.to_entity(a_tombstone(name, key)))
    return Play(cases, resources, queue, Ledger(cases, resources, queue, LEASE), LedgerKeeping(cases, resources))


async def forget(play: Play) -> None:
    """One pass, over the slices that hold something."""
    low = {entity["PartitionKey"][:2] for table in (play.cases, play.resources) for entity in table.entities()}
    for number in sorted(int(digits, 16) for digits in low):
        async for resource in play.keeping.old_resources(number, HORIZON):
            await play.keeping.forget_resource(resource)
        async for case in play.keeping.old_cases(number, HORIZON):
            await play.keeping.forget_case(case)


async def hear(play: Play, name: str, kind: Kind, minutes: float = FRESH) -> None:
    """One event, as its handler admits it."""
    key = a_key(kind) if kind is Kind.GROUP else a_key(place=vault(name))
    await play.ledger.admit(a_change(name, minutes), key, a_news, NOW, None)


Work = Callable[[Play], Coroutine[str, Mood | None, None]]


MOST_SWITCHES = 3
"""How often the turn passes from one to the other; what goes wrong with more goes wrong with these, too."""


def every_order(make: Callable[[], Play], works: tuple[Work, Work], unheard: int | None = None) -> Iterator[Play]:
    """Play it in every order of single steps; the answer of step `unheard` of the first process is lost."""
    orders: list[tuple[int, ...]] = [(0,)]  # how many steps each takes before the turn passes on, 0 first
    while orders:
        turns = orders.pop()
        play = make()
        taken = _played(play, works, turns, unheard)
        if taken == turns[-1] and len(turns) <= MOST_SWITCHES:  # the last turn was whole: a longer one, and a next one
            orders += [(*turns[:-1], turns[-1] + 1), (*turns, 1)]
        yield play


def _played(play: Play, works: tuple[Work, Work], turns: tuple[int, ...], unheard: int | None) -> int:
    """Let them take turns, and then run to their ends; how many steps the last turn really had."""
    processes, steps, taken = [Process(str(n), work(play)) for n, work in enumerate(works)], [0, 0], 0
    plan = [(number % 2, count) for number, count in enumerate(turns)]
    for who, count in [*plan, (len(turns) % 2, 999), ((len(turns) + 1) % 2, 999)]:
        done = 0
        while not processes[who].done and done < count:
            lost = who == 0 and steps[0] == unheard
            processes[who].step(Mood.UNHEARD if lost else Mood.WELL)
            steps[who] += 1
            done += 1
        taken = done if count < 999 else taken
    return taken


def assert_nothing_is_lost(play: Play, *names: str) -> None:
    pending = {row.resource: row.key.id for row in play.rows() if row.pending}
    assert set(pending) == {vault(name) for name in names}
    cases = {case.id: case for case in play.cases.cases()}
    for held_by in pending.values():
        assert (cases[held_by].state, cases[held_by].news) == (State.GATHERING, True)
        assert any(message.ticket.ticket == cases[held_by].ticket for message in play.queue.messages)


@pytest.mark.parametrize("unheard", [None, 3])
def test_an_event_of_a_forgotten_resource_finds_its_case_or_begins_it_anew(unheard: int | None) -> None:
    works = (forget, lambda play: hear(play, "kv1", Kind.RESOURCE))
    played = 0

    for play in every_order(lambda: a_play(Kind.RESOURCE, "kv1"), works, unheard):
        assert_nothing_is_lost(play, "kv1")
        played += 1

    assert played > 20


def test_two_events_of_one_group_beside_forgetting_lose_nothing() -> None:
    for play in every_order(lambda: a_play(Kind.GROUP, "kv1"), (forget, _both)):
        assert_nothing_is_lost(play, "kv1", "kv2")


async def _both(play: Play) -> None:
    await hear(play, "kv2", Kind.GROUP)
    await hear(play, "kv1", Kind.GROUP)


def test_two_sweeps_that_forget_at_once_forget_all_of_it_and_nothing_else() -> None:
    def make() -> Play:
        play = a_play(Kind.RESOURCE, "kv1")
        play.resources.put_at_once(resource_rows.to_entity(replace(a_row("kv2"), scan=scan(FRESH))))
        return play

    for play in every_order(make, (forget, forget)):
        assert [row.resource for row in play.rows()] == [vault("kv2")]
        assert play.cases.cases() == []
