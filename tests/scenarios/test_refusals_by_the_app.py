"""What the app itself does not do: open tasks while it is paused, act on what it cannot read, choke on nonsense."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from tests.core.builders import SUBSCRIPTION
from tests.scenarios.one_app import App, Policy, event_of, one_app
from tests.scenarios.patience import eventually
from tests.scenarios.pause_switch import lose_switch, set_paused

pytestmark = pytest.mark.asyncio(loop_scope="module")

_AUTHORIZATION = "providers/microsoft.authorization"
_HIDDEN = Policy(
    f"{SUBSCRIPTION}/{_AUTHORIZATION}/policyassignments/hidden", f"/{_AUTHORIZATION}/policydefinitions/hidden"
)
_MOST_DELIVERIES = 5
"""`maxDequeueCount` in host.json."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    async with one_app(tmp_path_factory.mktemp("refusals")) as app:
        yield app


@pytest_asyncio.fixture(loop_scope="module")
async def app(running: App) -> AsyncIterator[App]:
    yield running
    await running.in_order_again()
    await set_paused(running.storage, False)


# Paused -------------------------------------------------------------------------------------------------------------


async def test_a_paused_app_takes_events_and_opens_nothing_until_it_is_resumed(app: App) -> None:
    await set_paused(app.storage, True, "the network is being rebuilt")

    await app.breaks_and_tells("paused")
    held = await app.held("paused", "paused")

    assert "Paused by somebody" in held.because
    assert "the network is being rebuilt" in held.because
    assert await app.tasks("paused") == []
    await set_paused(app.storage, False)
    assert ((await app.over("paused")).outcome, len(await app.tasks("paused"))) == ("verified", 1)


async def test_an_app_that_lost_its_pause_switch_counts_as_paused(app: App) -> None:
    await lose_switch(app.storage)

    await app.breaks_and_tells("switchless")
    held = await app.held("switchless", "paused")

    assert "missing from the ledger" in held.because
    assert await app.tasks("switchless") == []


# Unreadable ---------------------------------------------------------------------------------------------------------


async def test_a_definition_that_cannot_be_read_holds_its_case_until_it_can(app: App) -> None:
    await app.laptop.control("POST", "estate", a_hidden_policy())
    refused = {"status": 403, "code": "AuthorizationFailed", "times": None}
    await app.laptop.control("POST", "faults", [{"method": "GET", "path": "/policydefinitions/hidden", **refused}])

    await app.breaks_and_tells("hidden", _HIDDEN)
    held = await app.held("hidden", "facts-unreadable")
    await app.in_order_again()
    await app.laptop.host.stop()  # what cannot be read is remembered for half a minute, but by nobody else
    await app.laptop.host.start()
    case = await app.over("hidden")

    assert "AuthorizationFailed" in held.because
    assert (case.outcome, len(await app.tasks("hidden"))) == ("verified", 1)


def a_hidden_policy() -> dict[str, object]:
    rule = {
        "if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"},
        "then": {"effect": "deployIfNotExists", "details": {"type": "Microsoft.Insights/diagnosticSettings"}},
    }
    properties = {"policyDefinitionId": _HIDDEN.definition, "scope": SUBSCRIPTION, "enforcementMode": "Default"}
    identity = {"type": "SystemAssigned", "principalId": "11111111-1111-1111-1111-111111111111"}
    return {
        "assignments": [{"id": _HIDDEN.assignment, "identity": identity, "properties": properties}],
        "definitions": [{"id": _HIDDEN.definition, "properties": {"mode": "Indexed", "policyRule": rule}}],
    }


# Events by queue, and nonsense --------------------------------------------------------------------------------------


async def test_an_event_that_event_grid_puts_on_the_queue_works_like_one_that_is_pushed(app: App) -> None:
    await app.breaks("queued")

    await put(app, "responder-events", json.dumps(event_of("queued")).encode())

    assert ((await app.over("queued")).outcome, len(await app.tasks("queued"))) == ("verified", 1)


async def test_a_message_that_is_no_ticket_ends_in_the_poison_queue_and_the_app_goes_on(app: App) -> None:
    await app.laptop.host.stop()
    await deliver_often(app, b'{"not": "a ticket"}', _MOST_DELIVERIES - 1)
    await app.laptop.host.start()

    poison = await eventually(lambda: peek(app, "responder-cases-poison"), "the message in the poison queue")

    assert base64.b64decode(poison) == b'{"not": "a ticket"}'
    await app.breaks_and_tells("unpoisoned")
    assert (await app.over("unpoisoned")).outcome == "verified"


async def put(app: App, queue: str, body: bytes) -> None:
    async with QueueClient.from_connection_string(app.storage, queue) as client:
        await client.send_message(base64.b64encode(body).decode())


async def deliver_often(app: App, body: bytes, times: int) -> None:
    """Put a ticket on the queue that has been received so many times already."""
    await put(app, "responder-cases", body)
    async with QueueClient.from_connection_string(app.storage, "responder-cases") as client:
        for _ in range(times):
            message = await client.receive_message()
            assert message is not None
            await client.update_message(message, visibility_timeout=0)


async def peek(app: App, queue: str) -> str | None:
    async with QueueClient.from_connection_string(app.storage, queue) as client:
        try:
            found = await client.peek_messages()
        except ResourceNotFoundError:
            return None
    return str(found[0].content) if found else None


def malformed() -> dict[str, dict[str, Any]]:
    """Events that cannot be understood, by the reason that the app is to give."""
    good: dict[str, Any] = event_of("malformed")
    data = good["data"]
    return {
        "unknown-type": {**good, "eventType": "Microsoft.Storage.BlobCreated"},
        "bad-resource-id": {**good, "subject": f"{SUBSCRIPTION}/resourceGroups/../providers/a.b/c/d"},
        "other-subscription": {**good, "data": {**data, "subscriptionId": "00000000-0000-0000-0000-000000000000"}},
        "bad-time": {**good, "data": {**data, "timestamp": "yesterday"}},
        "not-an-event": {**good, "data": "a text"},
    }


async def test_events_that_cannot_be_understood_are_acknowledged_told_and_change_nothing(app: App) -> None:
    events = {reason: {**event, "id": f"malformed-{reason}"} for reason, event in malformed().items()}

    answers = [await app.laptop.deliver(event) for event in events.values()]

    told = [span for span in app.events_told() if span["responder.decision"] == "rejected"]
    reasons = {span["responder.event.id"]: span["responder.reason"] for span in told}
    assert answers == [202] * len(events)
    assert reasons == {event["id"]: reason for reason, event in events.items()}
    assert [case for case in await app.ledger.cases() if "rg-malformed" in case.key.place] == []
