"""What a test can turn: estate, states, events, dials, clock and faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientTimeout, ServerDisconnectedError, web
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from responder.local.simulator.server import Simulator
from responder.local.simulator.trouble import BadInput
from tests.local.estate_builders import (
    GROUP,
    Sandbox,
    a_resource,
    a_simulator,
    a_state,
    a_task,
    a_vault,
    an_estate,
    insights,
)

TASK = f"{GROUP}/providers/Microsoft.PolicyInsights/remediations/task"
VAULT = a_vault("Kv1")


@pytest.mark.parametrize(
    ("outcome", "found"), [("succeeds", "Compliant"), ("ineffective", "NonCompliant"), ("fails", None)]
)
async def test_a_deployment_is_followed_by_a_scan_and_its_event(outcome: str, found: str | None) -> None:
    async with a_simulator(an_estate([VAULT], [a_resource(VAULT, outcome=outcome)]), rescan="PT1M") as azure:
        await azure.ask("PUT", TASK, a_task())
        await azure.advance(1)
        early = await azure.control("GET", "events")
        await azure.advance(60)
        late = await azure.control("GET", "events")

    assert early == []
    assert [each["event"]["data"]["complianceState"] for each in late] == ([found] if found else [])


async def test_the_scan_after_a_deployment_does_not_replace_a_newer_one() -> None:
    async with a_simulator(an_estate([VAULT], [a_resource(VAULT, outcome="succeeds")]), rescan="PT1M") as azure:
        await azure.ask("PUT", TASK, a_task())
        await azure.advance(1)
        await azure.control("POST", "states", [a_state(VAULT, timestamp="2099-01-01T00:00:00.0000000Z")])
        await azure.advance(60)
        raised = await azure.control("GET", "events")

    assert raised == []


async def test_a_raised_event_is_spelled_as_azure_spells_it() -> None:
    async with a_simulator() as azure:
        [event] = await _raise(azure, a_state(VAULT, timestamp="2026-03-27T18:37:42.4496956Z"))

    assert event["subject"].endswith("/resourcegroups/rg-app/providers/microsoft.keyvault/vaults/Kv1")
    assert event["topic"] == "/subscriptions/3b9f7d2c-0000-4000-8000-000000000001"
    assert event["data"]["timestamp"] == "2026-03-27T18:37:42.4496956Z"


async def test_events_tell_created_changed_and_deleted_states_apart() -> None:
    async with a_simulator() as azure:
        states = [a_state(VAULT), a_state(VAULT, complianceState="Compliant"), a_state(VAULT, complianceState=None)]
        raised = await _raise(azure, *states, a_state(a_vault("unknown"), complianceState=None))

    assert [event["eventType"].removeprefix("Microsoft.PolicyInsights.PolicyState") for event in raised] == [
        "Created",
        "Changed",
        "Deleted",
    ]


async def test_states_change_silently_unless_events_are_asked_for() -> None:
    async with a_simulator() as azure:
        told = await azure.control("POST", "states", [a_state(VAULT)])

        assert told == {"raised": []}
        assert await azure.control("GET", "events") == []


async def test_an_event_is_posted_like_event_grid_does_and_again_when_refused() -> None:
    async with _listener([503, 200]) as (url, taken), a_simulator(eventsTo=url, eventsDelay="PT5S") as azure:
        [event] = await _raise(azure, a_state(VAULT))
        await azure.control("POST", "clock", {"speed": 100})
        await _until(azure, lambda shown: shown["status"] == "delivered")

    assert [(kind, body) for kind, body in taken] == [("Notification", [event])] * 2


async def test_an_event_that_is_refused_for_good_is_not_posted_again() -> None:
    async with _listener([400]) as (url, taken), a_simulator(eventsTo=url) as azure:
        await _raise(azure, a_state(VAULT))
        await _until(azure, lambda shown: shown["status"] == "failed")

    assert len(taken) == 1


async def test_the_topic_can_be_that_of_a_management_group() -> None:
    topic = "/tenants/t/providers/Microsoft.Management/managementGroups/alz"
    async with a_simulator(eventsTopic=topic) as azure:
        [event] = await _raise(azure, a_state(VAULT))

    assert event["topic"] == topic


async def test_a_fault_spoils_as_many_requests_as_it_says() -> None:
    fault = {"method": "GET", "path": "/remediations/", "status": 429, "headers": {"Retry-After": "17"}, "times": 2}
    async with a_simulator() as azure:
        await azure.ask("PUT", TASK, a_task())
        await azure.control("POST", "faults", [{**fault, "after": 1}])
        answers = [await azure.ask("GET", TASK) for _ in range(4)]
        [shown] = await azure.control("GET", "faults")

    assert [answer.status for answer in answers] == [200, 429, 429, 200]
    assert answers[1].headers["Retry-After"] == "17"
    assert shown["fired"] == 2


async def test_a_fault_spoils_a_share_of_the_requests_and_the_same_ones_for_a_seed() -> None:
    fault = {"method": "GET", "status": 500, "share": 0.3, "times": None}
    answers = []
    for seed in (1, 1, 2):
        async with a_simulator() as azure:
            await azure.control("POST", "faults", [{**fault, "seed": seed}])
            answers.append([(await azure.ask("GET", TASK)).status for _ in range(60)])

    assert answers[0] == answers[1] != answers[2]
    assert 5 < answers[0].count(500) < 35


async def test_the_log_of_requests_says_who_asked_and_what_wait_was_answered() -> None:
    async with a_simulator() as azure:
        await azure.control("POST", "faults", [{"status": 429, "headers": {"Retry-After": "17"}}])
        await azure.ask("GET", TASK)
        [asked] = await azure.control("GET", "requests")

    assert (asked["status"], asked["retryAfter"]) == (429, "17")
    assert asked["client"].startswith("Python")
    assert asked["at"] <= asked["answeredAt"]


@pytest.mark.parametrize(("when", "tasks"), [("before", 0), ("after", 1)])
async def test_a_fault_comes_before_the_request_takes_effect_or_after(when: str, tasks: int) -> None:
    async with a_simulator() as azure, insights(azure.url) as client:
        await azure.control("POST", "faults", [{"method": "PUT", "status": 500, "when": when}])

        with pytest.raises(HttpResponseError):
            await client.remediations.create_or_update_at_resource(GROUP, "task", a_task())
        assert len(await azure.control("GET", "remediations")) == tasks


async def test_a_connection_can_be_closed_without_an_answer() -> None:
    async with a_simulator() as azure, insights(azure.url) as client:
        await azure.control("POST", "faults", [{"reset": True, "when": "after", "times": None}])

        with pytest.raises(ServiceRequestError):
            await client.remediations.create_or_update_at_resource(GROUP, "task", a_task())
        asked = await azure.control("GET", "requests")

    # Two: aiohttp sends a PUT once more when its connection was closed, whatever the SDK's retries are set to.
    assert [each["status"] for each in asked] == [None, None]


async def test_a_held_answer_goes_out_when_the_faults_are_cleared() -> None:
    async with a_simulator() as azure:
        await azure.control("POST", "faults", [{"method": "PUT", "hold": True}])
        waiting = asyncio.create_task(azure.ask("PUT", TASK, a_task()))
        await _until_asked(azure)
        before = await azure.control("GET", "remediations")
        await azure.control("DELETE", "faults")
        answer = await waiting

    assert (before, answer.status) == ([], 201)


async def test_a_request_that_is_held_before_its_effect_dies_with_its_client() -> None:
    async with a_simulator() as azure:
        await azure.control("POST", "faults", [{"method": "PUT", "hold": True}])
        with pytest.raises((TimeoutError, ServerDisconnectedError)):
            async with azure.http.put(
                f"{azure.url}{TASK}?api-version=2024-10-01", json=a_task(), timeout=ClientTimeout(total=0.2)
            ):
                raise AssertionError("the answer is held")
        await azure.control("DELETE", "faults")
        await asyncio.sleep(0.05)

        assert await azure.control("GET", "remediations") == []


async def test_a_delay_waits_for_the_simulated_clock() -> None:
    async with a_simulator() as azure:
        await azure.control("POST", "faults", [{"delay": "PT1H"}])
        waiting = asyncio.create_task(azure.ask("PUT", TASK, a_task()))
        await _until_asked(azure)
        await azure.advance(3600)

        assert (await waiting).status == 201


async def test_the_clock_can_run_fast() -> None:
    async with a_simulator() as azure:
        await azure.control("POST", "clock", {"speed": 100000})
        first = await azure.control("GET", "clock")
        await asyncio.sleep(0.02)
        second = await azure.control("GET", "clock")

    assert second["speed"] == 100000
    assert second["now"][:16] > first["now"][:16]


async def test_the_estate_is_replaced_by_put_and_extended_by_post() -> None:
    async with a_simulator(an_estate([a_vault("a")])) as azure:
        extended = await azure.control("POST", "estate", {"states": [a_state(a_vault("b"))]})
        replaced = await azure.control("PUT", "estate", {"states": [a_state(a_vault("c"))]})

    assert (extended, replaced) == ({"states": 2}, {"states": 1})


async def test_everything_is_forgotten_when_the_simulator_is_emptied() -> None:
    async with a_simulator(an_estate([VAULT]), pageSize=3) as azure:
        await azure.ask("PUT", TASK, a_task())
        async with azure.http.delete(f"{azure.url}/_simulator") as answer:
            assert answer.status == 200

        assert [await azure.control("GET", name) for name in ("remediations", "requests", "events")] == [[], [], []]
        assert (await azure.control("GET", "dials"))["pageSize"] == 1000
        assert (await azure.ask("PUT", TASK, a_task())).status == 404


@pytest.mark.parametrize(
    ("method", "name", "body", "sentence"),
    [
        ("PUT", "dials", {"pagesize": 1}, "dials: pagesize: unknown key; take it out, or mend its name"),
        ("PUT", "dials", [], "dials: give an object of dials by name"),
        ("PUT", "dials", {"rescan": "soon"}, "dials: rescan: Input should be a valid timedelta"),
        ("PUT", "dials", {"eventsTo": "http://example.org/hook"}, "dials: eventsTo: events are only sent to this"),
        ("PUT", "estate", {"resources": [{}]}, "estate: resources.0.id: Field required"),
        ("PUT", "estate", {"resources": [{"id": "kv"}]}, "estate: resources.0.id: an id starts with a slash"),
        ("POST", "states", [a_state(VAULT, timestamp="2026-01-01T00:00:00")], "a timestamp needs its zone"),
        ("POST", "faults", [{"path": "("}], "faults: 0.path: not a regular expression"),
        ("POST", "clock", {"speed": -1}, "clock: speed: Input should be greater than or equal to 0"),
    ],
)
async def test_bad_input_is_told_in_one_sentence(method: str, name: str, body: object, sentence: str) -> None:
    async with (
        a_simulator() as azure,
        azure.http.request(method, f"{azure.url}/_simulator/{name}", json=body) as answer,
    ):
        told = await answer.json()

    assert answer.status == 400
    assert sentence in told["error"]


async def test_a_port_in_use_is_told_with_what_to_do() -> None:
    async with a_simulator() as azure:
        port = int(azure.url.rpartition(":")[2])

        with pytest.raises(BadInput, match=f"Port {port} is already in use; name another with --port"):
            await Simulator().start(port)


async def _raise(azure: Sandbox, *states: dict[str, object]) -> list[Any]:
    told = await azure.control("POST", "states?raise=true", list(states))
    return list(told["raised"])


async def _until(azure: Sandbox, reached: Any) -> None:
    """Wait for the first event's delivery to look as it should."""
    async with asyncio.timeout(5):
        while not reached((await azure.control("GET", "events"))[0]["delivery"]):  # noqa: ASYNC110 - another server
            await asyncio.sleep(0.01)


async def _until_asked(azure: Sandbox) -> None:
    async with asyncio.timeout(5):
        while not await azure.control("GET", "requests"):  # noqa: ASYNC110 - another server
            await asyncio.sleep(0.01)


@asynccontextmanager
async def _listener(statuses: list[int]) -> AsyncIterator[tuple[str, list[tuple[str, Any]]]]:
    """Something that takes events and answers with these statuses, one after the other."""
    taken: list[tuple[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        taken.append((request.headers["aeg-event-type"], await request.json()))
        return web.Response(status=statuses[len(taken) - 1])

    app = web.Application()
    app.router.add_post("/runtime/webhooks/EventGrid", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/runtime/webhooks/EventGrid?functionName=door", taken
    finally:
        await runner.cleanup()
