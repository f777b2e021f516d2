"""What the sweep's jobs keep, where several hosts may sweep at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.progress import PROGRESS, CursorTooLong, ProgressRows
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage
from responder.core.progress import Progress, is_time
from tests.core.builders import START, at

LEASE = timedelta(minutes=2)


@asynccontextmanager
async def the_rows(storage: str) -> AsyncIterator[ProgressRows]:
    clients = open_storage(Storage(connection_string=storage))
    try:
        table = ConditionalTable(clients.tables, PROGRESS)
        await table.create()
        yield ProgressRows(table)
    finally:
        await clients.close()


async def test_a_job_that_is_begun_is_left_alone_by_others_until_it_ends(storage: str) -> None:
    async with the_rows(storage) as rows:
        begun = await rows.begin("backfill", START, LEASE)
        assert begun is not None

        meanwhile = await rows.begin("backfill", at(1), LEASE)
        await rows.end(begun, replace(begun.progress, at=at(1), note="done", cursor="here"))

        assert meanwhile is None
        assert await rows.all() == [Progress("backfill", at(1), "done", "here")]
        assert await rows.begin("backfill", at(1), LEASE) is not None


async def test_a_host_that_died_keeps_a_job_from_nobody_for_longer_than_its_lease(storage: str) -> None:
    async with the_rows(storage) as rows:
        died = await rows.begin("backfill", START, LEASE)
        assert died is not None

        successor = await rows.begin("backfill", at(2), LEASE)

        assert successor is not None
        assert not await rows.end(died, died.progress)
        assert await rows.end(successor, successor.progress)


async def test_before_the_first_sweep_there_is_nothing(storage: str) -> None:
    clients = open_storage(Storage(connection_string=storage))
    rows = ProgressRows(ConditionalTable(clients.tables, PROGRESS))

    before = await rows.all()
    await rows.note(Progress("cases", START, "No case stood still."))
    after = await rows.of("cases")
    await clients.close()

    assert before == []
    assert after == Progress("cases", START, "No case stood still.")


async def test_what_a_row_cannot_hold_is_refused_by_name(storage: str) -> None:
    async with the_rows(storage) as rows:
        with pytest.raises(CursorTooLong, match="the job backfill remembers has 30001 characters"):
            await rows.note(Progress("backfill", cursor="x" * 30_001))


def test_it_is_time_where_nothing_was_done_yet_and_after_the_wait() -> None:
    assert is_time(None, LEASE, START)
    assert not is_time(START, LEASE, at(1))
    assert is_time(START, LEASE, at(2))
