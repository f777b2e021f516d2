"""Poison messages on real storage: recorded while they fail, found where nobody recorded them, never expired."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import azure.functions as func
import pytest
from azure.storage.queue.aio import QueueClient

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.due_queue import BadTicket, read_ticket
from responder.adapters.poison import POISONED, PoisonQueue, PoisonRecords
from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from responder.core.poison import Poison
from responder.core.rules import read_rules
from responder.jobs.poison import unrecorded_poison
from responder.poisoned import recorded_when_poison
from responder.wiring import Parts, Setup, build
from tests.scenarios.estates import RULES

BAD = b'{"not": "a ticket"}'
NOW = datetime.now(UTC)


@asynccontextmanager
async def the_parts(storage: str) -> AsyncIterator[Parts]:
    settings = Settings(storage=Storage(connection_string=storage))
    parts = await build(Setup(settings, read_rules(RULES)))
    try:
        yield parts
    finally:
        await parts.close()


def a_message(dequeued: int, body: bytes = BAD) -> func.QueueMessage:
    from azure.functions.queue import QueueMessage

    return QueueMessage(id="m1", body=body, dequeue_count=dequeued)  # type: ignore[no-untyped-call]


async def fails(parts: Parts, dequeued: int, body: bytes = BAD) -> None:
    async def get() -> Parts:
        return parts

    with pytest.raises(BadTicket):
        async with recorded_when_poison("responder-cases", a_message(dequeued, body), get):
            read_ticket(body)


async def records(parts: Parts, queue: str = "responder-cases") -> list[Poison]:
    table = PoisonRecords(ConditionalTable(parts.storage.tables, POISONED))
    return [record async for record in table.all(queue)]


@asynccontextmanager
async def poison_queue(storage: str, queue: str = "responder-cases") -> AsyncIterator[QueueClient]:
    async with QueueClient.from_connection_string(storage, f"{queue}-poison") as client:
        await client.create_queue()
        yield client


async def test_the_last_attempt_that_fails_is_recorded_and_fails_all_the_same(
    storage: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with the_parts(storage) as parts:
        await fails(parts, dequeued=5)

        (record,) = await records(parts)

    assert (record.reason, record.message, record.body, record.deliveries) == ("bad-ticket", "m1", BAD, 5)
    assert "is not a case's ticket" in record.because
    assert [line.levelname for line in caplog.records] == ["ERROR"]


async def test_an_attempt_that_is_not_the_last_is_not_recorded(storage: str) -> None:
    async with the_parts(storage) as parts:
        await fails(parts, dequeued=4)

        assert await records(parts) == []


async def test_a_message_that_fails_again_is_the_same_record(storage: str) -> None:
    async with the_parts(storage) as parts:
        await fails(parts, dequeued=5)
        await fails(parts, dequeued=5)
        await fails(parts, dequeued=5, body=b"another")

        assert sorted(record.times for record in await records(parts)) == [1, 2]


async def test_what_cannot_be_recorded_does_not_hide_why_it_failed(caplog: pytest.LogCaptureFixture) -> None:
    async def no_parts() -> Parts:
        raise OSError("storage is gone; AccountKey=c2VjcmV0")

    with pytest.raises(BadTicket):
        async with recorded_when_poison("responder-cases", a_message(5), no_parts):
            read_ticket(BAD)

    assert "could not be recorded: storage is gone" in caplog.text
    assert "c2VjcmV0" not in caplog.text


async def test_the_sweep_records_what_nobody_recorded_once(storage: str) -> None:
    async with the_parts(storage) as parts, poison_queue(storage) as queue:
        await fails(parts, dequeued=5)
        await queue.send_message(base64.b64encode(BAD).decode(), time_to_live=-1)
        await queue.send_message("no base64!", time_to_live=-1)

        found = [await unrecorded_poison(parts, NOW) for _ in range(2)]
        reasons = {record.reason: record.body for record in await records(parts)}

    assert found == [1, 0]
    assert reasons == {"bad-ticket": BAD, "not-recorded": b"no base64!"}


async def test_a_poison_message_that_would_expire_is_kept(storage: str) -> None:
    async with the_parts(storage) as parts, poison_queue(storage, "responder-events") as queue:
        await queue.send_message("bm8=")  # as Functions puts it: it lives for seven days

        await unrecorded_poison(parts, NOW)
        waiting = await PoisonQueue(parts.storage.queues, "responder-events").peek()

    assert [message.text for message in waiting] == ["bm8="]
    assert not waiting[0].expires_some_day(NOW)


async def test_messages_behind_the_first_page_are_found_too(storage: str) -> None:
    async with the_parts(storage) as parts, poison_queue(storage) as queue:
        for number in range(40):
            await queue.send_message(base64.b64encode(f"{number}".encode()).decode(), time_to_live=-1)

        await unrecorded_poison(parts, NOW)
        waiting = await PoisonQueue(parts.storage.queues, "responder-cases").waiting()

        assert len(await records(parts)) == 40
        assert waiting == 40


async def test_a_queue_that_was_never_made_is_empty(storage: str) -> None:
    async with the_parts(storage) as parts:
        assert await unrecorded_poison(parts, NOW) == 0
        assert await PoisonQueue(parts.storage.queues, "responder-events").receive(timedelta(seconds=1)) == []
