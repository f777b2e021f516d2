"""The breakers against a real storage service."""

import asyncio

from responder.adapters.breakers import Breakers
from responder.core.outcome import Outcome
from tests.adapters.restraint_double import spoil, tables, unreachable
from tests.core.builders import DEFINITION, at

OTHER = DEFINITION.replace("951af2fa", "00000000")


async def bad(breakers: Breakers, number: int, definition: str = DEFINITION) -> bool:
    return await breakers.record(definition, f"case{number}", 1, number, Outcome.FAILED, at(number))


async def test_bad_rounds_in_a_row_open_it_for_their_definition_alone(storage: str) -> None:
    async with tables(storage) as (table,):
        breakers = Breakers(table, 2)

        opened = [await bad(breakers, 1), await bad(breakers, 1), await bad(breakers, 2), await bad(breakers, 3)]

        assert opened == [False, False, True, False]
        assert "3 bad rounds in a row" in (await breakers.why_open(DEFINITION) or "")
        assert await breakers.why_open(OTHER) is None


async def test_rounds_told_by_several_hosts_at_once_are_each_counted_once(storage: str) -> None:
    async with tables(storage, 4) as seen:
        hosts = [Breakers(table, 8) for table in seen]

        opened = await asyncio.gather(*(bad(host, number) for host in hosts for number in range(8)))
        (breaker,) = await hosts[0].all()

    assert opened.count(True) == 1
    assert breaker.in_a_row == 8


async def test_a_person_closes_it_and_who_why_and_when_are_kept(storage: str) -> None:
    async with tables(storage) as (table,):
        breakers = Breakers(table, 1)
        await bad(breakers, 1)
        await bad(breakers, 1, OTHER)

        closed = await breakers.close(DEFINITION, "ada", "mended", at(9))
        shown = {breaker.definition: breaker for breaker in await breakers.all()}

        assert (closed, await breakers.why_open(DEFINITION)) == (True, None)
        assert (word := shown[DEFINITION].closed) is not None
        assert (word.who, word.why, word.at, shown[OTHER].closed) == ("ada", "mended", at(9), None)


async def test_closing_what_is_not_open_writes_nothing(storage: str) -> None:
    async with tables(storage) as (table,):
        breakers = Breakers(table, 2)

        assert await breakers.close(DEFINITION, "ada", "to be sure", at(1)) is False
        assert await breakers.all() == []


async def test_outcomes_that_say_nothing_of_the_definition_leave_no_row(storage: str) -> None:
    async with tables(storage) as (table,):
        breakers = Breakers(table, 1)

        for outcome in (Outcome.REMEDIATED, Outcome.WITHDRAWN, Outcome.TRUNCATED, Outcome.CANCELED):
            await breakers.record(DEFINITION, "case", 1, 7, outcome, at(0))

        assert await breakers.all() == []


async def test_a_breaker_that_cannot_be_read_counts_as_open(storage: str) -> None:
    async with tables(storage) as (table,):
        breakers = Breakers(table, 9)
        await bad(breakers, 1)
        (row,) = [entity async for entity in table.query("PartitionKey eq @it", {"it": "breaker"})]
        await spoil(table, "breaker", row["RowKey"], document0=b"no document")

        why = await breakers.why_open(DEFINITION)

    assert why is not None
    assert "which counts as open" in why


async def test_where_nobody_answers_it_counts_as_open() -> None:
    async with unreachable() as table:
        why = await Breakers(table, 9).why_open(DEFINITION)

    assert why is not None
    assert "which counts as open" in why
    assert "nobody answers there" in why
