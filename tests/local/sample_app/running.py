"""The sample app in a host process of its own, and what it has noted down."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from azure.storage.queue import TextBase64EncodePolicy
from azure.storage.queue.aio import QueueClient

APP = Path(__file__).parent
PROJECT = APP.parents[2]

Note = Mapping[str, object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SampleHost:
    """A running host: its address, its process, its lines, and the notes of the app in it."""

    url: str
    process: asyncio.subprocess.Process
    storage: str
    out: Path
    lines: list[str]

    def notes(self, function: str) -> list[Note]:
        """What one function has noted so far."""
        text = self.out.read_text() if self.out.exists() else ""
        return [note for line in text.splitlines() if (note := json.loads(line))["function"] == function]

    async def until(self, function: str, wanted: Callable[[Note], bool], *, times: int = 1) -> list[Note]:
        """Wait until a function has noted what is wanted, so often."""

        async def look() -> list[Note] | None:
            found = [note for note in self.notes(function) if wanted(note)]
            return found if len(found) >= times else None

        return await eventually(look)

    async def line(self, text: str) -> str:
        """Wait for a line with this text in what the host says."""

        async def look() -> str | None:
            return next((line for line in self.lines if text in line), None)

        return await eventually(look)

    def queue(self, name: str, *, encoded: bool = True) -> QueueClient:
        """A client of one of the host's queues."""
        policy = TextBase64EncodePolicy() if encoded else None
        return QueueClient.from_connection_string(self.storage, name, message_encode_policy=policy)

    async def stop(self, timeout: float = 15) -> int:
        """End it as a service manager does, and give its exit code."""
        self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), timeout)


def settings(storage: str, out: Path) -> dict[str, str]:
    """What the sample app wants to be told."""
    return {
        "AzureWebJobsStorage": storage,
        "SAMPLE_OUT": str(out),
        "SAMPLE_QUEUE": "threads",
        "SAMPLE_SCHEDULE": "* * * * * *",
    }


async def eventually(look: Callable[[], Awaitable[T | None]], seconds: float = 20) -> T:
    """Look again and again until there is something to be seen in another process, and give that."""
    async with asyncio.timeout(seconds):
        while (found := await look()) is None:  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0.05)
    return found


@asynccontextmanager
async def sample_host(storage: str, folder: Path, *options: str) -> AsyncIterator[SampleHost]:
    """Start the host on a free port, and end it however the block ends."""
    out = folder / "notes.jsonl"
    process = await start(*options, "--app", str(APP), environment=settings(storage, out))
    lines: list[str] = []
    try:
        url = await asyncio.wait_for(_ready(process, lines), 30)
        reading = asyncio.create_task(_drain(process, lines))
        yield SampleHost(url, process, storage, out, lines)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    await reading


async def start(*options: str, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Start the command with nothing of this process's own settings but what Python needs."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "responder", "host", "--port", "0", *options),
        cwd=PROJECT,
        env={**kept, "PYTHONPATH": str(PROJECT), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def _ready(process: asyncio.subprocess.Process, lines: list[str]) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        lines.append(line.decode().rstrip())
        if lines[-1].startswith("Host ready on "):
            return lines[-1].removeprefix("Host ready on ")
    raise AssertionError("the host ended: " + "\n".join(lines))


async def _drain(process: asyncio.subprocess.Process, lines: list[str]) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        lines.append(line.decode().rstrip())
