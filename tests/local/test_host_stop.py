"""How the host begins and ends: what keeps it from starting, and what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from responder.local.azurite import Azurite, free_port
from responder.local.host.host import Host
from responder.local.host.trouble import HostError
from tests.local.sample_app.running import APP, sample_host, settings, start

_HEAD = "import azure.functions as func\napp = func.FunctionApp()\n"
_QUEUE = (
    '@app.queue_trigger(arg_name="m", queue_name="q", connection="AzureWebJobsStorage")\n'
    "async def work(m: func.QueueMessage) -> None: ...\n"
)


def an_app(folder: Path, code: str) -> Path:
    (folder / "function_app.py").write_text(code)
    (folder / "host.json").write_text('{"version": "2.0"}')
    return folder


async def refusal(app: Path, environment: Mapping[str, str], *options: str) -> tuple[int | None, str]:
    process = await start("--app", str(app), *options, environment=environment)
    output, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, output.decode()


async def lives(host: Host) -> tuple[str, int]:
    """Let it live for one request: what it said of itself, and what it abandoned."""
    await host.start()
    async with aiohttp.ClientSession() as session, session.get(f"{host.url}/admin/host/status") as answer:
        status = await answer.json()
    return status["state"], await host.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
async def test_what_runs_may_end_before_the_host_does(number: signal.Signals, tmp_path: Path) -> None:
    async with (
        Azurite() as azurite,
        sample_host(azurite.connection_string, tmp_path) as host,
        host.queue("work") as queue,
    ):
        await queue.send_message('{"name": "long", "seconds": 1}')
        await host.until("work", lambda note: note.get("name") == "long")

        host.process.send_signal(number)
        code = await asyncio.wait_for(host.process.wait(), 15)
        left = (await queue.get_queue_properties()).approximate_message_count

    assert (code, left) == (0, 0)
    assert host.notes("work")[-1] == {"function": "work", "done": "long"}


async def test_a_message_comes_back_after_its_lease_when_the_host_was_killed(tmp_path: Path) -> None:
    async with Azurite() as azurite:
        async with sample_host(azurite.connection_string, tmp_path, "--message-lease", "2") as host:
            async with host.queue("work") as queue:
                await queue.send_message('{"name": "cut", "seconds": 2.5}')
            await host.until("work", lambda note: note.get("name") == "cut")
            host.process.kill()

        async with sample_host(azurite.connection_string, tmp_path, "--message-lease", "2") as second:
            # It runs longer than the lease; only a renewed lease keeps it from running twice.
            await second.until("work", lambda note: note.get("done") == "cut")
            await second.stop()

    assert [note["count"] for note in second.notes("work") if note.get("name") == "cut"] == [1, 2]


async def test_hosts_in_this_process_serve_in_turn_and_leave_the_environment_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Azurite() as azurite:
        for name, value in settings(azurite.connection_string, tmp_path / "notes.jsonl").items():
            monkeypatch.setenv(name, value)
        before = dict(os.environ)

        first = await lives(Host(APP))
        second = await lives(Host(APP))

    assert [first, second] == [("Running", 0)] * 2
    assert dict(os.environ) == before


async def test_a_port_in_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    code = _HEAD + "@app.route()\nasync def a(req: func.HttpRequest) -> str: ...\n"

    async with server:
        refused = await refusal(an_app(tmp_path, code), {}, "--port", str(port))

    assert refused == (2, f"error: Port {port} is in use; choose another with --port.\n")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param("raise ValueError('RESPONDER_MODE: no such mode')", "RESPONDER_MODE", id="the app raises"),
        pytest.param("import not_there", "No module named 'not_there'", id="a module is missing"),
        pytest.param("raise SystemExit('no rules')", "no rules", id="the app exits"),
        pytest.param("x = 1", "function app", id="no app"),
        pytest.param(_HEAD, "declares no functions", id="no functions"),
        pytest.param(_HEAD + _QUEUE, "AzureWebJobsStorage is missing", id="no storage"),
        pytest.param(
            _HEAD + '@app.timer_trigger(arg_name="t", schedule="99 * * * * *")\ndef t(t: func.TimerRequest): ...\n',
            "Function t cannot be scheduled",
            id="no schedule",
        ),
        pytest.param(
            _HEAD + '@app.blob_trigger(arg_name="b", path="p", connection="c")\ndef b(b: func.InputStream): ...\n',
            "Function b has the trigger blobTrigger",
            id="another trigger",
        ),
    ],
)
async def test_an_app_that_cannot_run_is_told_in_one_sentence(tmp_path: Path, code: str, said: str) -> None:
    returned, output = await refusal(an_app(tmp_path, code), {})

    assert returned == 2
    assert said in output
    assert output.count("\n") == 1


async def test_storage_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/x"
    storage = f"DefaultEndpointsProtocol=http;AccountName=x;AccountKey=eA==;QueueEndpoint={nowhere};"

    returned, output = await refusal(an_app(tmp_path, _HEAD + _QUEUE), {"AzureWebJobsStorage": storage})

    assert returned == 2
    assert output.startswith(f"error: The storage at {nowhere}/q cannot be used")
    assert output.count("\n") == 1


async def test_a_folder_without_an_app_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text('{"version": "2.0"}')

    with pytest.raises(HostError, match=r"has no function_app\.py"):
        await Host(tmp_path).start()
