"""Azurite starts, answers and goes, whatever happens to the process that started it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from azure.data.tables.aio import TableServiceClient
from azure.storage.queue.aio import QueueClient

from responder.local import azurite as local_storage
from responder.local.azurite import Azurite, AzuriteError

_PARENT = """
import asyncio
from responder.local.azurite import Azurite
async def main():
    azurite = Azurite()
    await azurite.start()
    print(azurite._process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_tables_and_queues_answer_through_the_connection_string() -> None:
    async with Azurite() as azurite:
        tables = TableServiceClient.from_connection_string(azurite.connection_string)
        async with tables, _queue(azurite) as queue:
            await tables.create_table("cases")
            await queue.create_queue()
            await queue.send_message("hello")

            found = [table.name async for table in tables.list_tables()]
            message = await queue.receive_message()

    assert found == ["cases"]
    assert message is not None
    assert message.content == "hello"


async def test_what_was_written_to_a_location_is_there_after_a_restart(tmp_path: Path) -> None:
    async with Azurite(tmp_path) as first, _queue(first) as queue:
        await queue.create_queue()

    async with Azurite(tmp_path) as second, _queue(second) as queue:
        properties = await queue.get_queue_properties()

    assert properties.name == "news"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
async def test_azurite_ends_when_its_parent_is_terminated() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PARENT, stdout=asyncio.subprocess.PIPE, cwd=local_storage.PROJECT
    )
    assert parent.stdout is not None
    child = int(await asyncio.wait_for(parent.stdout.readline(), 20))

    parent.send_signal(signal.SIGTERM)
    await parent.wait()

    await asyncio.wait_for(_gone(child), 10)


async def test_a_missing_azurite_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(local_storage, "PROJECT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(AzuriteError, match="make setup"):
        await Azurite().start()


def _queue(azurite: Azurite) -> QueueClient:
    return QueueClient.from_connection_string(azurite.connection_string, "news")


async def _gone(pid: int) -> None:
    while _alive(pid):  # noqa: ASYNC110 - another process, which tells nobody
        await asyncio.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # A zombie still has its number; it is gone all the same.
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
