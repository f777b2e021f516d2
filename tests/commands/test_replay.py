"""`replay` reads events as people keep them and delivers them as Event Grid does."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from responder.commands.event_files import EventFileError, read_events
from responder.local.azurite import Azurite, free_port
from tests.local.sample_app.running import sample_host

PROJECT = Path(__file__).parents[2]
EVENTS = PROJECT / "tests" / "data" / "events"

GRID = {"id": "1", "eventType": "Microsoft.PolicyInsights.PolicyStateChanged", "data": {}}
CLOUD = {"id": "2", "specversion": "1.0", "type": "Microsoft.PolicyInsights.PolicyStateCreated", "data": {}}


@dataclass
class Endpoint:
    """Takes deliveries and keeps them; refuses the events it is told to."""

    url: str = ""
    functions: list[str] = field(default_factory=lambda: ["hear"])
    refused: set[str] = field(default_factory=set)
    bodies: list[object] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        self.queries.append(dict(request.query))
        self.headers.append(f"{request.headers['aeg-event-type']} {request.content_type}")
        event = body[0] if isinstance(body, list) else body
        if event["id"] in self.refused:
            return web.Response(status=500, text="it broke\nwith details")
        return web.Response(status=202)

    async def list(self, _request: web.Request) -> web.Response:
        return web.json_response(
            [{"name": name, "config": {"bindings": [{"type": "eventGridTrigger"}]}} for name in self.functions]
        )


@asynccontextmanager
async def an_endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/runtime/webhooks/EventGrid", endpoint.take)
    app.router.add_get("/admin/functions", endpoint.list)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield endpoint
    finally:
        await runner.cleanup()


async def replay(*words: str, text: str = "") -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "responder", "replay", *words),
        cwd=PROJECT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(text.encode()), 30)
    return process.returncode, out.decode(), err.decode()


async def test_each_event_is_delivered_alone_and_in_the_form_of_its_schema(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps([GRID, CLOUD]))

    async with an_endpoint() as endpoint:
        code, out, _ = await replay(str(file), "--url", endpoint.url, "--json")

    assert (code, json.loads(out)) == (0, {"sent": 2, "accepted": 2, "failed": []})
    assert endpoint.bodies == [[GRID], CLOUD]
    assert endpoint.headers == ["Notification application/json", "Notification application/cloudevents+json"]


async def test_the_app_is_asked_for_its_function() -> None:
    async with an_endpoint() as endpoint:
        _, _, told = await replay("-", "--url", endpoint.url, text=json.dumps(GRID))
        endpoint.functions = []
        _, _, default = await replay("-", "--url", endpoint.url, text=json.dumps(GRID))

    assert endpoint.queries == [{"functionName": "hear"}, {"functionName": "policy_state_change"}]
    assert (told, default) == ("Posting to function hear\n", "Posting to function policy_state_change\n")


async def test_among_several_functions_one_must_be_named() -> None:
    async with an_endpoint() as endpoint:
        endpoint.functions = ["one", "two"]
        code, _, told = await replay("-", "--url", endpoint.url, text=json.dumps(GRID))
        named, _, _ = await replay("-", "--url", endpoint.url, "--function", "two", text=json.dumps(GRID))

    assert (code, named) == (2, 0)
    assert "--function: one, two" in told


async def test_what_was_not_accepted_is_told_and_exits_with_1(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(f"{json.dumps(GRID)}\n\n{json.dumps(CLOUD)}\n")

    async with an_endpoint() as endpoint:
        endpoint.refused = {"2"}
        code, out, _ = await replay(str(file), "--url", endpoint.url)

    assert code == 1
    assert f"{file}:3: 500 it broke" in out.replace("\n", " ")
    assert "1 with 500" in out


async def test_a_rate_delivers_them_all() -> None:
    lines = "\n".join(json.dumps(GRID | {"id": str(number)}) for number in range(30))

    async with an_endpoint() as endpoint:
        code, out, _ = await replay("-", "--url", endpoint.url, "--rate", "200", "--json", text=lines)

    assert (code, json.loads(out)["accepted"]) == (0, 30)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--url", "https://app.azurewebsites.net"], "--code"),
        (["--url", "http://app.azurewebsites.net", "--code", "k"], "unencrypted"),
        (["--url", "7071"], "no address"),
        (["--url", f"http://127.0.0.1:{free_port()}"], "Nobody listens on http://127.0.0.1:"),
        (["--url", f"http://127.0.0.1:{free_port()}", "--function", "f", "--rate", "5"], "Nobody listens"),
    ],
    ids=["no key", "no TLS", "no address", "nobody there", "nobody there to be paced"],
)
async def test_an_app_that_cannot_be_used_is_told_in_one_sentence(options: list[str], said: str) -> None:
    code, out, told = await replay("-", *options, text=json.dumps(GRID))

    assert (code, out) == (2, "")
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("rate", ["0", "-1", "fast", "nan", "inf"])
async def test_a_rate_that_makes_no_sense_is_told_with_an_example(rate: str) -> None:
    code, _, told = await replay("-", f"--rate={rate}", text=json.dumps(GRID))

    assert code == 2
    assert "such as 5" in told


async def test_real_events_reach_the_function_of_a_running_app(tmp_path: Path) -> None:
    real = [str(file) for file in sorted(EVENTS.glob("*policy_state*.json"))]

    async with Azurite() as azurite, sample_host(azurite.connection_string, tmp_path) as host:
        code, out, _ = await replay(*real, "--url", host.url, "--json")
        heard = [note["kind"] for note in host.notes("hear") if "kind" in note]
        await host.stop()

    assert (code, json.loads(out)["accepted"]) == (0, len(heard))
    assert set(heard) == {"CloudEvent", "EventGridEvent"}


def test_the_fields_of_a_dead_letter_are_taken_off(tmp_path: Path) -> None:
    for schema, event in (("eventgrid", GRID), ("cloudevent", CLOUD)):
        extra = json.loads((EVENTS / f"deadletter_{schema}_extra_fields.json").read_text())
        (tmp_path / f"{schema}.json").write_text(json.dumps([event | extra]))

    found = read_events([str(tmp_path)])

    assert [each.event for each in found] == [CLOUD, GRID]


def test_a_folder_is_read_in_the_order_of_its_names() -> None:
    found = read_events([str(EVENTS)])

    assert [Path(each.where.split("[")[0]).name for each in found] == sorted(
        Path(each.where.split("[")[0]).name for each in found
    )
    assert {each.is_cloud_event for each in found} == {True, False}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '{"id":\n  nonsense}', "a.json:2: not JSON"),
        ("a.jsonl", '{"id": 1}\n{"id":\n', "a.jsonl:2: not JSON"),
        ("a.json", "[1]", r"a\.json\[0\]: an event is an object, not 1"),
        ("a.json", " \n", "a.json is empty"),
        ("a.txt", "{}", "holds no file"),
    ],
)
def test_a_file_that_holds_no_events_is_named_with_its_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(EventFileError, match=said):
        read_events([str(tmp_path)])


async def test_a_file_that_is_not_there_exits_with_2() -> None:
    code, _, told = await replay("nowhere.json")

    assert (code, told) == (2, "error: nowhere.json cannot be read: No such file or directory.\n")
