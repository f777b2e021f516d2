"""The slots against a real storage service, with several hosts at once."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.adapters.slots import SlotStore
from responder.core.rule_settings import Bounds
from responder.core.slots import MOST_WAITERS, Holder, Slots, Waiter, Want
from tests.adapters.restraint_double import spoil, tables, unreachable
from tests.core.builders import DEFINITION, START, at

BOUNDS = Bounds(running=2, per_definition=2, resources_per_hour=100)


def a_want(case: str, since: float = 0, resources: int = 1) -> Want:
    return Want(case, 1, DEFINITION, resources, at(since))


async def nobody() -> tuple[Holder, ...]:
    return ()


async def dead(_holder: Holder) -> bool:
    return False


@asynccontextmanager
async def hosts(storage: str, count: int = 1, bounds: Bounds = BOUNDS) -> AsyncIterator[list[SlotStore]]:
    async with tables(storage, count) as seen:
        yield [SlotStore(table, bounds, nobody) for table in seen]


def holding(slots: Slots) -> list[str]:
    return sorted(holder.case for holder in slots.holders)


async def row(table: ConditionalTable) -> tuple[object, str]:
    found = await table.get("slots", "app")
    assert found is not None
    return found


async def test_a_slot_is_taken_denied_in_words_given_back_and_handed_on(storage: str) -> None:
    async with hosts(storage, 2) as (one, other):
        assert [await one.take(a_want("a"), at(0)), await other.take(a_want("b"), at(0))] == [None, None]
        why = await other.take(a_want("c", since=1), at(1))
        woken = await one.give_back("a", 1, at(2))

        assert (why, woken) == ("2 of 2 tasks run (limits.running)", ("c",))
        assert await other.take(a_want("c", since=1), at(2)) is None


async def test_a_case_that_was_denied_and_gives_back_what_it_has_not_goes_on_waiting(storage: str) -> None:
    async with hosts(storage) as (store,):
        for number, case in enumerate(("a", "b", "waits", "leaves")):
            await store.take(a_want(case, since=number), at(5))

        assert await store.give_back("waits", 1, at(5), unused=True) == ()
        assert await store.leave("leaves", at(5)) == ()
        assert [waiter.case for waiter in (await store.look()).waiters] == ["waits"]


async def test_eight_writers_never_exceed_the_limit_and_lose_no_slot(storage: str) -> None:
    async with hosts(storage, 8, Bounds(running=5, per_definition=5, resources_per_hour=1000)) as stores:
        running, most = set[str](), 0

        async def work(store: SlotStore, number: int) -> None:
            nonlocal most
            for turn in range(4):
                case = f"h{number}t{turn}"
                while await store.take(a_want(case), START) is not None:  # noqa: ASYNC110 - another host gives it back
                    await asyncio.sleep(0.01)
                running.add(case)
                most = max(most, len(running))
                running.remove(case)
                await store.give_back(case, 1, START)

        await asyncio.gather(*(work(store, number) for number, store in enumerate(stores)))
        after = await stores[0].look()

    assert most <= 5
    assert (after.holders, after.waiters) == ((), ())
    assert sum(count for _, count in after.opened) == 8 * 4


async def test_an_asker_that_would_change_nothing_writes_nothing(storage: str) -> None:
    async with tables(storage) as (table,):
        store = SlotStore(table, BOUNDS, nobody)
        for case in ("a", "b", "waits"):
            await store.take(a_want(case), at(0))
        _, before = await row(table)

        await store.take(a_want("waits"), at(3))
        await store.give_back("stranger", 1, at(3))

        assert (await row(table))[1] == before


async def test_a_full_list_of_waiters_fits_and_one_more_asker_only_reads(storage: str) -> None:
    async with tables(storage) as (table,):
        store = SlotStore(table, BOUNDS, nobody)
        for case in ("a", "b", "w"):
            await store.take(a_want(case), at(0))
        waiters = tuple(Waiter(f"{n:024}", f"{DEFINITION}{n}", 500, at(n / 60), at(0)) for n in range(MOST_WAITERS))
        await store._change(lambda slots: Slots(slots.holders, waiters, slots.opened))
        before = await row(table)

        why = await store.take(a_want("young", since=60), at(1))

        assert why == "2 of 2 tasks run (limits.running); 500 cases are older"
        assert (await row(table))[1] == before[1]


async def test_a_task_that_runs_without_a_slot_holds_one(storage: str) -> None:
    async with hosts(storage) as (store,):
        for case in ("a", "b"):
            await store.take(a_want(case), at(0))

        await store.hold(a_want("c"), at(1))

        assert holding(await store.look()) == ["a", "b", "c"]


async def test_a_lost_row_is_made_again_from_what_opens_and_runs(storage: str) -> None:
    async def known() -> tuple[Holder, ...]:
        return (Holder("runs", 1, DEFINITION, at(0)), Holder("opens", 1, DEFINITION, at(1), sure=False))

    async with tables(storage) as (table,):
        store = SlotStore(table, BOUNDS, known)

        assert await store.take(a_want("new"), at(2)) == "2 of 2 tasks run (limits.running)"
        assert await store.take(a_want("opens"), at(2)) is None
        assert holding(await store.look()) == ["opens", "runs"]


@pytest.mark.parametrize("seed", range(3))
async def test_the_limit_holds_while_the_row_is_lost_again_and_again_and_sweeps_go_on(storage: str, seed: int) -> None:
    chance = random.Random(seed)
    cases: dict[str, bool] = {}  # what the ledger would say: opening (False) or running (True)
    bounds = Bounds(running=3, per_definition=3, resources_per_hour=1000)

    async def known() -> tuple[Holder, ...]:
        return tuple(Holder(case, 1, DEFINITION, at(0), sure=runs) for case, runs in cases.items())

    async def alive(holder: Holder) -> bool:
        return holder.case in cases

    async with tables(storage, 4) as seen:
        stores = [SlotStore(table, bounds, known) for table in seen]
        most, done = 0, 0

        async def work(store: SlotStore, host: int) -> None:
            nonlocal most, done
            for turn in range(5):
                case = f"h{host}t{turn}"
                cases[case] = False
                while await store.take(a_want(case), START) is not None:  # noqa: ASYNC110 - another host gives it back
                    await asyncio.sleep(0.01)
                cases[case] = True
                most = max(most, sum(cases.values()))
                await asyncio.sleep(chance.random() / 50)
                await store.give_back(case, 1, START)
                del cases[case]
                done += 1

        async def lose() -> None:
            while done < 20:
                await asyncio.sleep(0.05)
                found = await stores[0]._rows.read("app")
                if found and all(cases.get(holder.case) for holder in found[0].holders):  # nobody just before its PUT
                    with contextlib.suppress(Conflict):
                        await seen[0].delete("slots", "app", found[1])
                await stores[0].forget_dead(alive, START)

        await asyncio.gather(lose(), *(work(store, host) for host, store in enumerate(stores)))

    assert (most <= 3, done) == (True, 20)


# The sweep ------------------------------------------------------------------------------------------------------------


async def test_who_is_denied_while_the_row_is_missing_is_known_to_it_and_woken(storage: str) -> None:
    opening = tuple(Holder(name, 1, DEFINITION, at(0), sure=False) for name in ("a", "b", "c"))

    async def all_are_opening() -> tuple[Holder, ...]:
        return opening

    async def all_but_the_denied() -> tuple[Holder, ...]:
        return opening[:2]

    async with tables(storage, 2) as (one, other):
        first, second = SlotStore(one, BOUNDS, all_are_opening), SlotStore(other, BOUNDS, all_but_the_denied)

        assert await first.take(a_want("c", since=2), at(1)) is not None  # the last of three, and two may run
        assert [await second.take(a_want(name), at(1)) for name in ("a", "b")] == [None, None]

        assert await second.give_back("a", 1, at(2)) == ("c",)


async def test_the_sweep_frees_what_no_case_holds_and_wakes_the_oldest(storage: str) -> None:
    async with hosts(storage) as (store,):
        for number, case in enumerate(("a", "b", "young", "old")):
            await store.take(a_want(case, since=-number), at(0))

        async def alive(holder: Holder) -> bool:
            return holder.case == "a"

        assert await store.forget_dead(alive, at(1)) == ("old",)
        assert holding(await store.look()) == ["a"]


async def test_the_sweep_wakes_waiters_where_room_came_by_itself(storage: str) -> None:
    async def alive(_holder: Holder) -> bool:
        return True

    async with hosts(storage, bounds=Bounds(running=2, per_definition=2, resources_per_hour=10)) as (store,):
        await store.take(a_want("a", resources=10), at(0))
        await store.take(a_want("waits", resources=10), at(55))

        assert await store.forget_dead(alive, at(56)) == ()
        assert await store.forget_dead(alive, at(63)) == ("waits",)


async def test_the_sweep_does_not_free_a_case_that_takes_its_slot_again_meanwhile(storage: str) -> None:
    async with hosts(storage, 2) as (one, other):
        await one.take(a_want("a"), at(0))
        asked: list[str] = []

        async def alive(holder: Holder) -> bool:
            asked.append(holder.case)
            if len(asked) == 1:  # looked dead, and is opening again before the sweep can write
                await other.take(a_want("a"), at(1))
                return False
            return True

        await one.forget_dead(alive, at(1))

        assert holding(await one.look()) == ["a"]
        assert asked == ["a", "a"]


# What cannot be read --------------------------------------------------------------------------------------------------


async def test_a_row_of_a_newer_version_is_left_alone_and_gives_no_slot(storage: str) -> None:
    async with tables(storage) as (table,):
        store = SlotStore(table, BOUNDS, nobody)
        await store.take(a_want("a"), at(0))
        await spoil(table, "slots", "app", version=99)

        why = await store.take(a_want("b"), at(1))

        assert why is not None
        assert "newer version of this app (99" in why
        assert (await row(table))[0]["version"] == 99  # type: ignore[index]


async def test_a_broken_row_gives_no_slot_and_says_so(storage: str) -> None:
    async with tables(storage) as (table,):
        store = SlotStore(table, BOUNDS, nobody)
        await store.take(a_want("a"), at(0))
        await spoil(table, "slots", "app", document0=b"no document")

        why = await store.take(a_want("b"), at(1))

    assert why is not None
    assert why.startswith("No slot could be taken. Row slots/app of table responderrestraint cannot be read")


async def test_a_storage_that_does_not_answer_gives_no_slot_and_says_so() -> None:
    async with unreachable() as table:
        why = await SlotStore(table, BOUNDS, nobody).take(a_want("a"), at(0))

    assert why is not None
    assert "nobody answers there" in why


async def test_the_hour_holds_over_writers_whose_clocks_differ(storage: str) -> None:
    bounds = Bounds(running=50, per_definition=50, resources_per_hour=20)
    async with hosts(storage, 4, bounds) as stores:
        answers = await asyncio.gather(
            *(
                store.take(a_want(f"h{host}c{number}", resources=3), START + timedelta(seconds=5 * (host % 2)))
                for host, store in enumerate(stores)
                for number in range(4)
            )
        )

    assert [answer for answer in answers if answer is None] == [None] * 6
