"""`python -m responder simulate`: it says where it is, goes when told, and refuses with one sentence."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.local.estate_builders import GROUP, a_simulator, an_estate, vaults

PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_tells_its_address_and_stops_with_0(number: signal.Signals, tmp_path: Path) -> None:
    estate = _file(tmp_path, json.dumps(an_estate(vaults(2))))
    query = "/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults?api-version=2024-10-01"
    async with _simulate("--port", "0", "--estate", str(estate)) as process, ClientSession() as http:
        url = (await _line(process)).rpartition(" ")[2]
        hint = await _line(process)
        async with http.post(f"{url}{GROUP}{query}") as answer:
            found = await answer.json()
        process.send_signal(number)
        code = await asyncio.wait_for(process.wait(), 10)

    assert hint.endswith(f"RESPONDER_ARM_ENDPOINT={url}")
    assert len(found["value"]) == 2
    assert code == 0


async def test_a_port_in_use_ends_it_with_2_and_one_sentence() -> None:
    async with a_simulator() as azure:
        port = azure.url.rpartition(":")[2]

        code, told = await _refused("--port", port)

    assert (code, told) == (2, f"error: Port {port} is already in use; name another with --port.\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "cannot be read (No such file or directory); name an estate file with --estate."),
        ("{", "is not JSON: "),
        ('{"resource": []}', "resource: unknown key; take it out, or mend its name"),
    ],
)
async def test_an_estate_that_cannot_be_read_ends_it_with_2(text: str | None, sentence: str, tmp_path: Path) -> None:
    estate = tmp_path / "estate.json" if text is None else _file(tmp_path, text)

    code, told = await _refused("--estate", str(estate))

    assert code == 2
    assert told.startswith(f"error: {estate}")
    assert sentence in told


def _file(folder: Path, text: str) -> Path:
    path = folder / "estate.json"
    path.write_text(text)
    return path


@asynccontextmanager
async def _simulate(*words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "responder", "simulate", *words),
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()


async def _refused(*words: str) -> tuple[int | None, str]:
    async with _simulate(*words) as process:
        _, told = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode, told.decode()
