"""How often something was driven, counted on real storage."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.redriven import REDRIVEN, Driven, Redriven
from tests.adapters.test_ledger import a_ledger
from tests.core.builders import START

CONTENT = "ab" * 16


@asynccontextmanager
async def counts(storage: str) -> AsyncIterator[Redriven]:
    async with a_ledger(storage) as (_, clients):
        redriven = Redriven(ConditionalTable(clients.tables, REDRIVEN))
        await redriven.ensure()
        yield redriven


async def counted(redriven: Redriven, most: int = 3) -> int | None:
    return await redriven.count(CONTENT, most, "a vault", "somebody", START)


async def test_no_more_tries_are_counted_than_allowed_however_many_ask_at_once(storage: str) -> None:
    async with counts(storage) as redriven:
        tries = await asyncio.gather(*(counted(redriven) for _ in range(12)))

        assert sorted(each for each in tries if each) == [1, 2, 3]
        assert (await redriven.read(CONTENT)).times == 3


async def test_more_may_be_allowed_later(storage: str) -> None:
    async with counts(storage) as redriven:
        tries = [await counted(redriven, most) for most in (1, 1, 2)]

    assert tries == [1, None, 2]


async def test_a_blob_that_has_to_stay_is_remembered_beside_the_count(storage: str) -> None:
    async with counts(storage) as redriven:
        await counted(redriven)
        await redriven.settle(CONTENT, "SUB/a.json", START)
        await counted(redriven)
        driven = await redriven.read(CONTENT)

    assert (driven.times, driven.from_blob("SUB/a.json"), driven.from_blob("SUB/b.json")) == (2, True, False)


async def test_what_was_never_driven_is_known_as_that_without_a_table(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        assert await Redriven(ConditionalTable(clients.tables, REDRIVEN)).read(CONTENT) == Driven()
