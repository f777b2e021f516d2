"""The sample app, run by the host in a process of its own, against a real Azurite."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from responder.local.azurite import Azurite
from tests.local.sample_app.running import SampleHost, eventually, sample_host

pytestmark = pytest.mark.asyncio(loop_scope="module")

_NOTIFICATION = {"aeg-event-type": "Notification"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SampleHost]:
    folder: Path = tmp_path_factory.mktemp("host")
    async with Azurite() as azurite, sample_host(azurite.connection_string, folder) as running:
        yield running


def an_event(name: str, **wish: float) -> dict[str, object]:
    return {
        "id": name,
        "topic": "/subscriptions/1",
        "subject": "/subscriptions/1/resourceGroups/rg",
        "eventType": "Microsoft.PolicyInsights.PolicyStateChanged",
        "eventTime": "2026-11-20T10:00:00.5241536Z",
        "data": wish,
        "dataVersion": "1",
    }


async def post(
    host: SampleHost, body: object, headers: dict[str, str] = _NOTIFICATION, function: str = "hear"
) -> tuple[int, str]:
    url = f"{host.url}/runtime/webhooks/EventGrid?functionName={function}"
    text = body if isinstance(body, str) else json.dumps(body)
    async with aiohttp.ClientSession() as session, session.post(url, data=text, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_an_event_alone_or_in_an_array_runs_its_function(host: SampleHost) -> None:
    alone = await post(host, an_event("alone"))
    together = await post(host, [an_event("one"), an_event("two")])

    assert (alone[0], together[0]) == (202, 202)
    assert {note.get("done") for note in host.notes("hear")} >= {"alone", "one", "two"}


async def test_a_cloud_event_becomes_a_cloud_event_of_the_library(host: SampleHost) -> None:
    event = {
        "specversion": "1.0",
        "id": "cloud",
        "source": "/subscriptions/1",
        "type": "Microsoft.PolicyInsights.PolicyStateCreated",
        "time": "2026-11-20T10:00:00.5241536Z",
        "data": {},
    }

    await post(host, event)

    [note] = [note for note in host.notes("hear") if note.get("id") == "cloud"]
    assert note["kind"] == "CloudEvent"


async def test_one_failure_fails_the_whole_delivery_and_the_others_still_run(host: SampleHost) -> None:
    status, text = await post(host, [an_event("good"), an_event("bad", failures=1)])

    assert status == 500
    assert "failure 1 as wished" in text
    assert {"function": "hear", "done": "good"} in host.notes("hear")


async def test_the_events_of_one_delivery_run_at_the_same_time(host: SampleHost) -> None:
    clock = asyncio.get_running_loop().time
    begun = clock()

    await post(host, [an_event(f"slow-{number}", seconds=0.5) for number in range(10)])

    assert clock() - begun < 3


async def test_the_callers_trace_reaches_the_function(host: SampleHost) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    await post(host, an_event("traced"), {**_NOTIFICATION, "traceparent": parent})

    assert [note["parent"] for note in host.notes("hear") if note.get("id") == "traced"] == [parent]


@pytest.mark.parametrize(
    ("body", "headers", "function", "status"),
    [
        pytest.param("{}", {}, "hear", 400, id="no event type"),
        pytest.param("{}", {"aeg-event-type": "Other"}, "hear", 400, id="another event type"),
        pytest.param("not json", _NOTIFICATION, "hear", 400, id="not JSON"),
        pytest.param("[1]", _NOTIFICATION, "hear", 400, id="not an event"),
        pytest.param("{}", _NOTIFICATION, "nobody", 404, id="no such function"),
        pytest.param("{}", _NOTIFICATION, "work", 404, id="a function of another trigger"),
        pytest.param("[]", {"aeg-event-type": "SubscriptionValidation"}, "hear", 400, id="no code"),
        pytest.param("[]", {"aeg-event-type": "Unsubscribe"}, "hear", 202, id="unsubscribed"),
    ],
)
async def test_the_webhook_says_what_it_takes(
    host: SampleHost, body: str, headers: dict[str, str], function: str, status: int
) -> None:
    assert (await post(host, body, headers, function))[0] == status


async def test_event_grid_is_answered_with_its_validation_code(host: SampleHost) -> None:
    event = an_event("validation") | {"data": {"validationCode": "4F6B"}}

    status, text = await post(host, [event], {"aeg-event-type": "SubscriptionValidation"})

    assert (status, json.loads(text)) == (200, {"validationResponse": "4F6B"})


async def test_cloud_events_may_be_sent_from_where_it_is_asked(host: SampleHost) -> None:
    url = f"{host.url}/runtime/webhooks/EventGrid?functionName=hear"
    headers = {"WebHook-Request-Origin": "eventgrid.azure.net"}

    async with aiohttp.ClientSession() as session, session.options(url, headers=headers) as answer:
        assert answer.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"
        assert "WebHook-Allowed-Rate" in answer.headers


async def test_a_message_runs_its_function_and_is_gone(host: SampleHost) -> None:
    async with host.queue("work") as queue:
        await queue.send_message('{"name": "first"}')

        [note] = await host.until("work", lambda note: note.get("name") == "first")
        await host.until("work", lambda note: note.get("done") == "first")
        assert await _empty(queue)

    assert (note["count"], note["times"]) == (1, True)


async def test_a_message_that_fails_comes_again_with_its_count(host: SampleHost) -> None:
    async with host.queue("work") as queue:
        await queue.send_message('{"name": "twice", "failures": 1}')

        await host.until("work", lambda note: note.get("done") == "twice")

    assert [note["count"] for note in host.notes("work") if note.get("name") == "twice"] == [1, 2]


async def test_a_message_that_always_fails_ends_in_the_poison_queue_as_it_was(host: SampleHost) -> None:
    body = '{"name": "never", "failures": 99}'
    async with host.queue("work") as queue, host.queue("work-poison") as poison:
        await queue.send_message(body)

        await host.until("work", lambda note: note.get("count") == 3 and note.get("name") == "never")
        contents = await _contents(poison)

    assert base64.b64encode(body.encode()).decode() in contents
    assert len([note for note in host.notes("work") if note.get("name") == "never"]) == 3


async def test_a_message_that_is_not_base64_ends_in_the_poison_queue_without_a_run(host: SampleHost) -> None:
    async with host.queue("threads", encoded=False) as queue, host.queue("threads-poison") as poison:
        await queue.send_message("<plain & text>")

        assert await _contents(poison) == ["<plain & text>"]


async def test_a_sync_function_runs_and_its_own_log_lines_pass_through(host: SampleHost) -> None:
    async with host.queue("threads") as queue:
        await queue.send_message("für dich")

        await host.until("work_in_thread", lambda note: note["body"] == "für dich")

    await host.line("the app's own words")


async def test_a_timer_runs_at_start_and_never_twice_at_the_same_time(host: SampleHost) -> None:
    await host.until("tick", lambda note: "done" in note, times=2)

    kinds = ["done" in note for note in host.notes("tick")]
    assert kinds == [number % 2 == 1 for number in range(len(kinds))]
    assert host.notes("tick")[0]["past_due"] is False


async def test_an_http_function_is_given_the_whole_request(host: SampleHost) -> None:
    url = f"{host.url}/api/hello/ada?lang=de"

    wish = {"X-Wish": "tea"}
    async with aiohttp.ClientSession() as session, session.post(url, data="body", headers=wish) as answer:
        content = await answer.json()

    assert answer.status == 201
    assert content == {"name": "ada", "query": {"lang": "de"}, "body": "body", "header": "tea"}


async def test_an_http_function_that_fails_answers_500_and_tells_the_log(host: SampleHost) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{host.url}/api/hello/ada?fail=1") as answer:
        assert answer.status == 500

    await host.line("hello failed")
    assert not any("Traceback" in line for line in host.lines)


async def test_the_host_says_that_it_runs_and_what(host: SampleHost) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{host.url}/admin/host/status") as answer:
            status = await answer.json()
        async with session.get(f"{host.url}/admin/functions") as answer:
            functions = await answer.json()

    assert status["state"] == "Running"
    assert [each["name"] for each in functions] == ["hear", "work", "work_in_thread", "tick", "hello"]


async def test_a_function_can_be_run_by_hand(host: SampleHost) -> None:
    url = f"{host.url}/admin/functions/hear"
    wish = {"input": json.dumps(an_event("by-hand"))}

    async with aiohttp.ClientSession() as session, session.post(url, json=wish) as answer:
        assert answer.status == 202

    await host.until("hear", lambda note: note.get("done") == "by-hand")


async def _contents(queue: QueueClient) -> list[str]:
    """Wait for messages in a queue that may not exist yet."""

    async def look() -> list[str] | None:
        try:
            return [str(message.content) for message in await queue.peek_messages(32)] or None
        except ResourceNotFoundError:
            return None

    return await eventually(look)


async def _empty(queue: QueueClient) -> bool:
    async def look() -> bool | None:
        return (await queue.get_queue_properties()).approximate_message_count == 0 or None

    return await eventually(look)
