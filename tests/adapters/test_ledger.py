"""The ledger against a real storage service."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from azure.storage.queue.aio import QueueClient

from responder.adapters import case_rows, resource_rows
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.due_queue import DueQueue, Ticket
from responder.adapters.ledger import CASES, RESOURCES, Claimed, Dropped, Ledger
from responder.adapters.storage import StorageClients, open_storage
from responder.adapters.storage_settings import Storage
from responder.adapters.switches import SWITCHES, Switches
from responder.core import seen
from responder.core.case import Case, CaseKey, Kind, Move, News, State
from responder.core.outcome import Outcome
from responder.core.resource_row import Settle, Tried
from responder.core.transitions import record
from tests.core.builders import SETTINGS, START, a_change, a_key, a_news, a_plan, a_task, at, vault

LEASE = timedelta(minutes=1)


@asynccontextmanager
async def a_ledger(storage: str) -> AsyncIterator[tuple[Ledger, StorageClients]]:
    clients = open_storage(Storage(connection_string=storage))
    ledger = Ledger(
        ConditionalTable(clients.tables, CASES),
        ConditionalTable(clients.tables, RESOURCES),
        DueQueue(clients.queues),
        LEASE,
    )
    await ledger.ensure()
    try:
        yield ledger, clients
    finally:
        await clients.close()


def news(key: CaseKey) -> News:
    return a_news(key)


async def admitted(ledger: Ledger, name: str = "kv1", now: datetime = START, minutes: float = 0) -> str:
    key = a_key(place=vault(name))
    return (await ledger.admit(a_change(name, minutes), key, news, now, None)).case


async def the_case(ledger: Ledger, case_id: str) -> Case:
    case = await ledger.case(case_id)
    assert case is not None
    return case


async def claimed(ledger: Ledger, case_id: str, now: datetime) -> Claimed:
    case = await the_case(ledger, case_id)
    held = await ledger.claim(Ticket(case_id, case.ticket), now)
    assert isinstance(held, Claimed)
    return held


async def messages(clients: StorageClients) -> list[dict[str, str]]:
    queue: QueueClient = clients.queues.get_queue_client("responder-cases")
    found = await queue.peek_messages(32)
    return [json.loads(base64.b64decode(str(message.content))) for message in found]


async def test_an_event_leaves_a_resource_a_case_and_a_ticket(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        case_id = await admitted(ledger)

        case = await the_case(ledger, case_id)
        rows = await ledger.rows(case.key)
        assert (case.state, case.news, case.due) == (State.GATHERING, True, at(2))
        assert [row.resource for row in rows] == [vault("kv1")]
        assert case.ticket
        assert await messages(clients) == []  # it is not visible before it is due


async def test_an_event_that_is_delivered_again_writes_nothing(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        before = await the_case(ledger, case_id)

        again = await admitted(ledger, now=at(1))

        assert again == case_id
        assert await the_case(ledger, case_id) == before


async def test_many_events_at_once_for_one_group_become_one_case(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        key = a_key(Kind.GROUP)

        await asyncio.gather(
            *(ledger.admit(a_change(f"kv{n}"), key, news, at(0), None) for n in range(12) for _ in "ab")
        )

        assert [case.key for case in await ledger.cases()] == [key]
        assert len(await ledger.rows(key)) == 12


async def test_older_news_changes_nothing_and_is_called_stale(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        key = a_key()
        await ledger.admit(a_change(minutes=5), key, news, at(6), None)
        good = a_change(minutes=3, compliance="compliant")

        admission = await ledger.admit(good, key, news, at(7), None)

        rows = await ledger.rows(key)
        assert admission.stale
        assert (rows[0].scan, rows[0].noncompliant) == (a_change(minutes=5).scan, True)


async def test_good_news_of_a_stranger_leaves_no_trace(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        await ledger.admit(
            a_change(compliance="compliant"), a_key(), lambda key: a_news(key, withdraws=True), at(0), None
        )

        assert await ledger.cases() == []
        assert await ledger.rows(a_key()) == ()


async def test_a_withdrawn_resource_stays_as_a_tombstone_that_an_old_event_cannot_wake(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        good = a_change(minutes=4, compliance="compliant")
        await ledger.admit(good, a_key(), lambda key: a_news(key, withdraws=True), at(5), None)
        held = await claimed(ledger, case_id, at(6))
        await ledger.settle(held, record(held.case, seen.NothingLeft(Outcome.WITHDRAWN, "gone"), at(6)), at(6))

        await admitted(ledger, now=at(9))

        assert (await the_case(ledger, case_id)).state is State.CLOSED


async def test_a_message_under_another_ticket_holds_nothing(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)

        held = await ledger.claim(Ticket(case_id, "an old ticket"), at(5))

        assert isinstance(held, Dropped)


async def test_a_message_that_comes_early_is_scheduled_again_for_the_rest(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        case = await the_case(ledger, case_id)

        held = await ledger.claim(Ticket(case_id, case.ticket), at(1))

        assert isinstance(held, Dropped)
        assert await the_case(ledger, case_id) == case


async def test_of_two_workers_with_one_ticket_only_one_holds_the_case(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        ticket = Ticket(case_id, (await the_case(ledger, case_id)).ticket)

        held = await asyncio.gather(*(ledger.claim(ticket, at(3)) for _ in range(5)))

        assert sum(isinstance(one, Claimed) for one in held) == 1


async def test_news_during_a_step_makes_the_worker_take_it_again(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        held = await claimed(ledger, case_id, at(3))
        await admitted(ledger, now=at(3.1), minutes=3)

        again = await ledger.settle(held, record(held.case, seen.Planned(a_plan(), SETTINGS), at(3)), at(3.2))

        assert again is not None
        assert again.case.state is State.GATHERING
        assert not again.case.news


async def test_a_worker_whose_lease_was_taken_over_leaves(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        slow = await claimed(ledger, case_id, at(3))
        quick = await claimed(ledger, case_id, at(3) + LEASE)
        moved = record(quick.case, seen.Planned(a_plan(), SETTINGS), at(5))
        await ledger.settle(quick, moved, at(5))

        left = await ledger.settle(slow, record(slow.case, seen.Unreadable("late"), at(5)), at(5))

        assert left is None
        assert (await the_case(ledger, case_id)).state is State.OPENING


async def test_a_held_case_with_a_plan_says_opening_before_anything_is_opened(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        held = await claimed(ledger, case_id, at(3))
        opening = record(held.case, seen.Planned(a_plan(), SETTINGS), at(3))
        waiting = record(opening, seen.Paused("paused by ann"), at(3))
        await ledger.settle(held, waiting, at(3))

        again = await claimed(ledger, case_id, at(10))

        assert (again.case.state, again.before.state, again.case.attempted_at) == (State.OPENING, State.HELD, at(10))


async def test_a_hand_over_moves_the_row_and_wakes_the_new_case_however_often_it_runs(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        group, single = a_key(Kind.GROUP), a_key(place=vault("kv1"))
        await ledger.admit(a_change(), group, news, at(0), None)
        held = await claimed(ledger, group.id, at(3))

        for _ in "twice":
            await ledger.hand_over(held.case, Move(vault("kv1"), single, "d1"), at(3))

        case = await the_case(ledger, single.id)
        assert [row.key for row in await ledger.rows(group)] == [single]
        assert (case.state, case.handed, case.round) == (State.GATHERING, "d1", 1)


async def test_after_a_hand_over_news_goes_to_the_case_that_holds_the_resource(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        group, single = a_key(Kind.GROUP), a_key(place=vault("kv1"))
        await ledger.admit(a_change(), group, news, at(0), None)
        held = await claimed(ledger, group.id, at(3))
        await ledger.hand_over(held.case, Move(vault("kv1"), single, "d1"), at(3))

        admission = await ledger.admit(a_change(minutes=4), group, news, at(5), None)

        assert admission.case == single.id


async def test_a_task_leaves_its_mark_on_resources_that_no_event_announced(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        group = a_key(Kind.GROUP)
        await ledger.admit(a_change("kv1"), group, news, at(0), None)
        case = await the_case(ledger, group.id)
        updates = tuple(
            Tried(vault(name), a_task(), covered=True, cooldown=timedelta(hours=1)) for name in ("kv1", "kv2")
        )

        await ledger.update_rows(case, updates, at(7))

        rows = {row.resource: row for row in await ledger.rows(group)}
        assert {name: row.covered_at for name, row in rows.items()} == {
            vault("kv1"): a_task().created_on,
            vault("kv2"): a_task().created_on,
        }
        assert not any(row.pending for row in rows.values())


async def test_a_duplicate_of_news_that_was_dealt_with_wakes_nothing(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        held = await claimed(ledger, case_id, at(3))
        await ledger.update_rows(held.case, (Settle(vault("kv1"), a_change().scan, "ignored"),), at(3))
        await ledger.settle(held, record(held.case, seen.NothingLeft(Outcome.WITHDRAWN, "no"), at(3)), at(3))

        await admitted(ledger, now=at(9))

        assert (await the_case(ledger, case_id)).state is State.CLOSED


async def test_the_sweep_gives_a_case_that_stands_still_a_new_ticket(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        case_id = await admitted(ledger)
        before = await the_case(ledger, case_id)

        overdue = await ledger.overdue(at(9), 10)
        driven = await ledger.reticket(overdue[0], at(9))

        after = await the_case(ledger, case_id)
        assert driven
        assert (after.ticket != before.ticket, after.due) == (True, at(9))
        assert {"case": case_id, "ticket": after.ticket} in await messages(clients)


async def test_a_case_row_that_cannot_be_read_does_not_hide_the_others_from_the_sweep(
    storage: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_ledger(storage) as (ledger, clients):
        broken, sound = await admitted(ledger, "kv1"), await admitted(ledger, "kv2")
        row = {"PartitionKey": case_rows.partition(broken), "RowKey": broken, "document0": b"no case"}
        await clients.tables.get_table_client(CASES).update_entity(row)

        overdue = await ledger.overdue(at(60), 1000)

    assert [case.id for case in overdue] == [sound]
    assert broken in caplog.text


async def test_the_sweep_leaves_a_lease_that_runs_and_cases_that_are_over(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        running = await admitted(ledger, "kv1")
        over = await admitted(ledger, "kv2")
        await claimed(ledger, running, at(9))
        held = await claimed(ledger, over, at(3))
        await ledger.settle(held, record(held.case, seen.NothingLeft(Outcome.WITHDRAWN, "no"), at(3)), at(3))

        assert await ledger.overdue(at(9), 10) == []


async def test_a_case_of_a_newer_version_is_left_alone_and_asked_again_later(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        case_id = await admitted(ledger)
        case = await the_case(ledger, case_id)
        table = clients.tables.get_table_client(CASES)
        entity = case_rows.to_entity(case) | {"version": case_rows.VERSION + 1}
        await table.upsert_entity(entity)

        held = await ledger.claim(Ticket(case_id, case.ticket), at(5))

        assert isinstance(held, Dropped)
        assert "newer version" in held.because


async def test_a_case_with_a_plan_of_ten_thousand_resources_fits_into_its_row(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        held = await claimed(ledger, case_id, at(3))
        plan = replace(a_plan(), resources=tuple(vault(f"kv-{number:05d}") for number in range(10_000)))

        await ledger.settle(held, record(held.case, seen.Planned(plan, SETTINGS), at(3)), at(3))

        assert (await the_case(ledger, case_id)).plan == plan


async def test_a_new_ledger_begins_unpaused_and_an_old_one_without_a_switch_counts_as_paused(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        switches = Switches(ConditionalTable(clients.tables, SWITCHES))

        began = await switches.begin(clients.tables, at(0))  # the ledger's other tables exist already

        assert not began
        assert "counts as paused" in (await switches.paused() or "")


async def test_of_many_first_starts_one_begins_the_ledger(storage: str) -> None:
    clients = open_storage(Storage(connection_string=storage))
    switches = Switches(ConditionalTable(clients.tables, SWITCHES))

    began = await asyncio.gather(*(switches.begin(clients.tables, at(0)) for _ in range(5)))

    assert began.count(True) == 1
    assert await switches.paused() is None
    await clients.close()


async def test_a_worker_that_lost_its_lease_remembers_nothing_of_what_it_would_have_done(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        slow = await claimed(ledger, case_id, at(3))
        quick = await claimed(ledger, case_id, at(3) + LEASE)
        await ledger.settle(quick, record(quick.case, seen.Unreadable("not yet"), at(5)), at(5))

        observed = record(slow.case, seen.Observed(a_plan(), SETTINGS), at(5))
        await ledger.settle(slow, observed, at(5), (Settle(vault("kv1"), a_change().scan, "observed"),))

        assert [row.pending for row in await ledger.rows(slow.case.key)] == [True]


async def test_a_resource_of_a_newer_version_is_not_written_over(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        await admitted(ledger)
        (row,) = await ledger.rows(a_key())
        newer = resource_rows.to_entity(row) | {"version": resource_rows.VERSION + 1}
        await clients.tables.get_table_client(RESOURCES).upsert_entity(newer)

        with pytest.raises(case_rows.NewerRow):
            await ledger.admit(a_change(minutes=9), a_key(), news, at(9), None)
