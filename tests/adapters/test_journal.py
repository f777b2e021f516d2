"""The journal against a real storage service."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.journal import CHANGES, Journal, from_entity, to_entity
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage
from responder.core import instant
from responder.core.outcome import Outcome
from responder.core.touched import Touched, TouchedKey, TouchedResource
from tests.core.builders import ASSIGNMENT, GROUP, at, vault


@asynccontextmanager
async def a_journal(storage: str) -> AsyncIterator[Journal]:
    clients = open_storage(Storage(connection_string=storage))
    journal = Journal(ConditionalTable(clients.tables, CHANGES))
    await journal.ensure()
    try:
        yield journal
    finally:
        await clients.close()


def an_entry(minutes: float = 0, *resources: TouchedResource, case: str = "c1") -> Touched:
    key = TouchedKey(case, 1, instant.of(at(minutes)))
    rows = resources or (TouchedResource(vault("kv1"), "Succeeded", "", "/deployments/1"),)
    return Touched(key, "vaults", ASSIGNMENT, "", GROUP, "responder-1", key.ended - 1, Outcome.REMEDIATED, rows)


async def told(journal: Journal, since: float) -> list[Touched]:
    return [entry async for entry in journal.since(at(since))]


async def test_what_a_task_touched_is_kept_once_however_often_it_is_written(storage: str) -> None:
    async with a_journal(storage) as journal:
        await journal.write(an_entry())
        await journal.write(an_entry())

        assert await told(journal, -1) == [an_entry()]


async def test_verification_is_added_and_survives_a_repeated_write(storage: str) -> None:
    async with a_journal(storage) as journal:
        await journal.write(an_entry())

        await journal.judged(an_entry().key, Outcome.VERIFIED)
        await journal.write(an_entry())

        assert [entry.result for entry in await told(journal, -1)] == ["verified"]


async def test_what_the_journal_does_not_know_cannot_be_judged(storage: str) -> None:
    async with a_journal(storage) as journal:
        await journal.judged(an_entry().key, Outcome.VERIFIED)

        assert await told(journal, -1) == []


async def test_only_what_ended_since_a_time_is_told_over_midnight_too(storage: str) -> None:
    async with a_journal(storage) as journal:
        for hours in (-2, 1, 13):  # the builders' day starts at noon
            await journal.write(an_entry(60 * hours))

        found = await told(journal, 0)

        assert [entry.at for entry in found] == [at(60), at(13 * 60)]


def test_ten_thousand_resources_fit_into_a_row() -> None:
    digits = random.Random(7)
    rows = tuple(
        TouchedResource(vault(f"kv-{number:05d}"), "Succeeded", "", f"{GROUP}/deployments/{digits.randrange(10**20)}")
        for number in range(10_000)
    )
    entry = an_entry(0, *rows)

    assert from_entity(to_entity(entry)) == entry


def test_what_does_not_fit_is_left_out_and_counted() -> None:
    digits = random.Random(7)
    names = (f"{vault('kv')}-{digits.randrange(10**80)}" for _ in range(30_000))
    rows = tuple(TouchedResource(name, "Succeeded", "", f"/deployments/{digits.randrange(10**40)}") for name in names)

    kept = from_entity(to_entity(an_entry(0, *rows)))

    assert kept.left_out > 0
    assert kept.left_out + len(kept.resources) == 30_000


async def test_a_row_of_a_newer_version_is_passed_over(storage: str) -> None:
    async with a_journal(storage) as journal:
        clients = open_storage(Storage(connection_string=storage))
        await ConditionalTable(clients.tables, CHANGES).put({**to_entity(an_entry(1, case="c9")), "version": 99})
        await clients.close()
        await journal.write(replace(an_entry(), verified="verified"))

        assert [entry.key.case for entry in await told(journal, -1)] == ["c1"]
