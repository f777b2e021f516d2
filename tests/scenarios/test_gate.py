"""The gate changes nothing that passes, and holds what it is told to, in front of a real Azurite."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableClient
from azure.storage.queue.aio import QueueClient

from responder.local.azurite import Azurite, connection_string
from tests.scenarios.gate import Gate

_INSERT = """
import asyncio, sys
from azure.data.tables.aio import TableClient
async def main():
    async with TableClient.from_connection_string(sys.argv[1], "cases") as table:
        await table.create_entity({"PartitionKey": "p", "RowKey": "r"})
asyncio.run(main())
"""


@asynccontextmanager
async def a_gated_table() -> AsyncIterator[tuple[Gate, TableClient, str]]:
    async with Azurite() as azurite, Gate(azurite.table_url) as gate:
        through = connection_string(blob=azurite.blob_url, queue=azurite.queue_url, table=gate.url)
        async with TableClient.from_connection_string(through, "cases") as table:
            await table.create_table()
            yield gate, table, through


async def in_another_process(connection: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", _INSERT, connection)


async def exists(table: TableClient) -> bool:
    try:
        await table.get_entity("p", "r")
    except ResourceNotFoundError:
        return False
    return True


async def test_tables_work_through_the_gate_as_without() -> None:
    key = "ä b'c|d+e%f&g=h"
    async with a_gated_table() as (_, table, _through):
        await table.create_entity({"PartitionKey": key, "RowKey": "1", "text": "größer"})
        await table.submit_transaction(
            [("upsert", {"PartitionKey": key, "RowKey": str(number)}) for number in range(2, 30)]
        )
        first = await table.get_entity(key, "1")
        query = table.query_entities("PartitionKey eq @key", parameters={"key": key}, results_per_page=10)
        rows = [row["RowKey"] async for row in query]

    assert first["text"] == "größer"
    assert len(rows) == 29


async def test_queues_work_through_the_gate_as_without() -> None:
    async with Azurite() as azurite, Gate(azurite.queue_url) as gate:
        through = connection_string(blob=azurite.blob_url, queue=gate.url, table=azurite.table_url)
        async with QueueClient.from_connection_string(through, "news") as queue:
            await queue.create_queue()
            await queue.send_message("<hello> & größer")
            message = await queue.receive_message()
            assert message is not None
            await queue.delete_message(message)

    assert message.content == "<hello> & größer"


async def test_a_request_held_before_has_not_happened_until_it_is_released() -> None:
    async with a_gated_table() as (gate, table, _):
        held = gate.hold("POST", r"/cases", body_regex='"RowKey": *"r"')
        inserted = asyncio.ensure_future(table.create_entity({"PartitionKey": "p", "RowKey": "r"}))
        await held.reached()
        before = await exists(table)

        held.release()
        await inserted

        assert (before, await exists(table)) == (False, True)


async def test_a_request_held_before_never_happens_when_its_client_dies() -> None:
    async with a_gated_table() as (gate, table, through):
        held = gate.hold("POST", r"/cases")
        process = await in_another_process(through)
        await held.reached()

        process.kill()
        await process.wait()
        await asyncio.sleep(0.2)  # the gate hears of it through the closed connection
        held.release()
        await asyncio.sleep(0.2)

        assert not await exists(table)


async def test_a_request_held_after_has_happened_though_its_client_never_knew() -> None:
    async with a_gated_table() as (gate, table, through):
        held = gate.hold("POST", r"/cases", when="after")
        process = await in_another_process(through)
        await held.reached()

        process.kill()
        await process.wait()

        assert await exists(table)


async def test_only_the_nth_match_is_held() -> None:
    async with a_gated_table() as (gate, table, _):
        held = gate.hold("GET", r"PartitionKey='p'", nth=2)

        await exists(table)
        with pytest.raises(TimeoutError):
            await held.reached(timeout=0.1)
        second = asyncio.create_task(exists(table))
        await held.reached()
        held.release()

        assert not await second


async def test_a_service_that_is_gone_answers_502() -> None:
    async with (
        Gate("http://127.0.0.1:1") as gate,
        aiohttp.ClientSession() as session,
        session.get(gate.url) as answer,
    ):
        assert answer.status == 502
