"""A bad night and a usual day of the running app: what it tells is what the alert rules are judged by."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from azure.storage.blob.aio import ContainerClient
from azure.storage.queue.aio import QueueClient

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.progress import PROGRESS
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage
from responder.adapters.switches import SWITCHES, Switches
from responder.core.case import State
from responder.core.switch import rule_scope
from tests.queries.one_night import Night, a_night, states
from tests.scenarios.estates import QUICK, an_event
from tests.scenarios.one_app import event_of
from tests.wire.tables import Tables

_TASK = "/remediations/responder-"
_SLOW = "PT6S"  # so long a task takes to begin where something is to happen before that


async def a_bad_night(storage: str, folder: Path) -> Tables:
    """Everything that needs a person, one after the other and some at once."""
    told: Tables = {}
    async with a_night(storage, folder, told) as night:
        await _leave_behind(storage)
        await night.spoil("forbidden", "PUT", _TASK, status=403, code="AuthorizationFailed", times=None)
        await asyncio.gather(
            night.spread("broken", "v1", outcome="fails", error={"code": "Conflict", "message": "It is in use."}),
            night.spread("fragile", "v1", outcome="fails"),
            night.spread("forbidden", "v1"),
            night.spread("useless", "v1", outcome="ineffective"),
            night.spread("fought-over", "v1"),
            night.spread("too-small", "v1", "v2", "v3", "v4"),
        )
        bad = {**event_of("broken"), "id": "no-event", "eventType": "Microsoft.Storage.BlobCreated"}
        assert await night.laptop.deliver(bad) == 202
        await asyncio.gather(_fought_over(night), _stopped(night), night.held("fragile", "breaker-open"))
        await _reaches_too_far(night)
    return told


async def _stopped(night: Night) -> None:
    for story in ("broken", "forbidden"):
        await night.over(story)
    await night.held("useless", "waiting-for-retry")
    await night.verified("too-small", 3)


async def _fought_over(night: Night) -> None:
    """Three times somebody undoes what was verified; the third time it is contested."""
    for _ in range(3):
        await night.breaks_again("fought-over")


async def _reaches_too_far(night: Night) -> None:
    """A neighbour breaks the policy between the plan and the task, which comes to it as well."""
    await night.laptop.control("PUT", "dials", {**QUICK, "accepted": _SLOW, "eventsTo": night.laptop.webhook})
    await night.spread("wide", "v1", "v2")
    await night.case("wide", lambda case: case.state is State.RUNNING, "running")
    await night.laptop.control("POST", "estate", {"states": states("wide", ["v2"], "Compliant")["states"]})
    await night.laptop.control("POST", "estate", states("wide", ["stranger"]))
    await night.over("wide")


async def a_usual_day(storage: str, folder: Path) -> Tables:
    """What goes wrong every day and goes on by itself: nobody is to be woken, and there is no ticket."""
    told: Tables = {}
    async with a_night(storage, folder, told) as day:
        await day.spoil("forbidden", "PUT", _TASK, status=403, code="AuthorizationFailed")
        await day.spoil(
            "broken", "PUT", _TASK, status=429, code="TooManyRequests", headers={"Retry-After": "1"}, times=2
        )
        await day.spoil("broken", "POST", "/queryResults", status=503, code="ServiceUnavailable")
        await day.laptop.control("POST", "estate", states("flaky", ["v3"], remediation={"outcome": "fails"}))
        await asyncio.gather(
            day.spread("flaky", "v1", "v2"),
            day.spread("flaky", "v3", outcome="fails"),
            day.spread("forbidden", "v1"),
            day.spread("broken", "v1"),
            day.spread("looked-at", "v1"),
            day.spread("wide", "v1", "v2"),
        )
        assert await day.laptop.deliver(an_event("break-glass-too")) == 202
        await asyncio.gather(*(day.over(story) for story in ("forbidden", "broken", "looked-at", "wide")))
        await day.held("flaky", "waiting-for-retry")
    return told


async def _leave_behind(storage: str) -> None:
    """What lies there for a person: a dead letter, a poison message, an old pause, and a job that cannot run."""
    async with ContainerClient.from_connection_string(storage, "responder-dead-letters") as letters:
        if not await letters.exists():
            await letters.create_container()
        await letters.upload_blob("1.json", json.dumps([event_of("broken")]))
    async with QueueClient.from_connection_string(storage, "responder-events-poison") as queue:
        await queue.create_queue()
        await queue.send_message("no event")
    clients = open_storage(Storage(connection_string=storage))
    try:
        long_ago = datetime.now(UTC) - timedelta(hours=5)
        switches = Switches(ConditionalTable(clients.tables, SWITCHES))
        await switches.set(rule_scope("leave alone"), True, "duty", "to look at it", long_ago)
        broken = {"PartitionKey": "sweep", "RowKey": "retention", "at": "no time at all"}
        progress = ConditionalTable(clients.tables, PROGRESS)
        await progress.create()
        await progress.put(broken)
    finally:
        await clients.close()
