"""A bad night and a usual day of the running app: what it tells is what the alert rules are judged by.

Each thing that goes wrong has an assignment and a definition of its own, so that an alert can say which it was.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from azure.storage.blob.aio import ContainerClient
from azure.storage.queue.aio import QueueClient

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.progress import PROGRESS
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage
from responder.adapters.switches import SWITCHES, Switches
from responder.commands.open_ledger import open_ledger
from responder.core import instant
from responder.core.case import Case, State
from responder.core.switch import rule_scope
from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, vault
from tests.scenarios.estates import QUICK, SCANNED, THE_ASSIGNMENT, THE_DEFINITION, an_estate, an_event
from tests.scenarios.one_app import App, Policy, event_of, group
from tests.wire.site import watched
from tests.wire.tables import Tables

STORIES = ("broken", "fragile", "forbidden", "useless", "fought-over", "too-small", "wide", "flaky", "looked-at")
RULES = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
breaker: {{badRounds: 3}}
defaults:
  gather: {{for: PT0.2S, atMost: PT2S}}
  grace: none
  poll: {{first: PT1S, most: PT2S}}
  verify: {{after: PT0.5S, atMost: PT1M}}
  retry: {{attempts: 2, wait: PT1S, factor: 1}}
rules:
  - name: fragile
    match: {{assignment: "**/fragile"}}
    retry: {{attempts: 9}}
    action: remediate
  - name: fought over
    match: {{assignment: "**/fought-over"}}
    cooldown: PT0S
    action: remediate
  - name: too small
    match: {{assignment: "**/too-small"}}
    gather: {{by: resourceGroup}}
    task: {{resourceCount: 1}}
    action: remediate
  - name: wide
    match: {{assignment: "**/wide"}}
    gather: {{by: resourceGroup}}
    action: remediate
  - name: flaky
    match: {{assignment: "**/flaky"}}
    gather: {{by: resourceGroup}}
    retry: {{attempts: 3, wait: PT1M}}
    action: remediate
  - name: looked at
    match: {{assignment: "**/looked-at"}}
    action: observe
  - name: leave alone
    match: {{resource: "**/vaults/break-glass*"}}
    action: ignore
  - name: everything else
    match: {{resourceType: Microsoft.KeyVault/vaults}}
    action: remediate
"""
_TASK = "/remediations/responder-"
_SLOW = "PT2S"  # so long a task takes to begin where something is to happen before that


def policy_of(story: str) -> Policy:
    """What a story is about."""
    parent = ASSIGNMENT.rsplit("/", 1)[0]
    return Policy(f"{parent}/{story}", f"{DEFINITION}-{story}")


def _estate() -> dict[str, object]:
    policies = [policy_of(story) for story in STORIES]
    assigned = [
        {
            **THE_ASSIGNMENT,
            "id": each.assignment,
            "name": each.assignment.rsplit("/", 1)[1],
            "properties": {"policyDefinitionId": each.definition, "scope": SUBSCRIPTION, "enforcementMode": "Default"},
        }
        for each in policies
    ]
    definitions = [{**THE_DEFINITION, "id": each.definition} for each in policies]
    estate = an_estate()
    return {**estate, "assignments": [THE_ASSIGNMENT, *assigned], "definitions": [THE_DEFINITION, *definitions]}


@dataclass(frozen=True, slots=True)
class Night(App):
    """The running app, and what happens to it."""

    async def spread(self, story: str, *names: str, **remediation: object) -> None:
        """Vaults in the story's resource group break its policy, and the events arrive."""
        await self.laptop.control("POST", "estate", states(story, names, remediation=remediation))
        for name in names:
            event = event_of(story, policy_of(story))
            told = {**event, "id": f"{story}-{name}", "subject": vault(name, group(story))}
            assert await self.laptop.deliver(told) == 202

    async def breaks_again(self, story: str) -> Case:
        """A vault that was remediated and verified is undone; the case once it is verified anew."""
        before = await self.verified(story, 0)
        scanned = instant.iso(instant.of(datetime.now(UTC)))
        await self.laptop.control("POST", "estate", states(story, ("v1",), scanned=scanned))
        told = {**event_of(story, policy_of(story), scanned), "subject": vault("v1", group(story))}
        assert await self.laptop.deliver(told) == 202
        return await self.verified(story, before.round)

    async def verified(self, story: str, after_round: int) -> Case:
        """The story's case, once a later round of it is verified."""
        return await self.case(
            story,
            lambda case: case.state is State.CLOSED and case.outcome == "verified" and case.round > after_round,
            f"verified after round {after_round}",
        )


def states(
    story: str,
    names: Sequence[str],
    compliance: str = "NonCompliant",
    scanned: str = SCANNED,
    remediation: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Vaults in a story's resource group, and what Azure Policy says of them."""
    policy = policy_of(story)
    common = {"policyAssignmentId": policy.assignment, "policyDefinitionId": policy.definition}
    return {
        "resources": [{"id": vault(name, group(story)), "remediation": remediation or {}} for name in names],
        "states": [
            {**common, "resourceId": vault(name, group(story)), "timestamp": scanned, "complianceState": compliance}
            for name in names
        ],
    }


@asynccontextmanager
async def _night(storage: str, folder: Path, told: Tables) -> AsyncIterator[Night]:
    """The app while it runs; what it told is in `told` once it has ended."""
    async with watched(storage, folder, _estate(), RULES) as site:
        assert await site.laptop.deliver(an_event("break-glass")) == 202  # the first event makes the ledger
        async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
            yield Night(site.laptop, ledger)
        told |= await site.said()


async def a_bad_night(storage: str, folder: Path) -> Tables:
    """Everything that needs a person, one after the other and some at once."""
    told: Tables = {}
    async with _night(storage, folder, told) as night:
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
    async with _night(storage, folder, told) as day:
        await day.spoil("forbidden", "PUT", _TASK, status=403, code="AuthorizationFailed")
        await day.spoil(
            "broken", "PUT", _TASK, status=429, code="TooManyRequests", headers={"Retry-After": "1"}, times=2
        )
        await day.spoil("broken", "POST", "/queryResults", status=503, code="ServiceUnavailable")
        await day.spread("flaky", "v1", "v2")
        await day.laptop.control("POST", "estate", states("flaky", ["v3"], remediation={"outcome": "fails"}))
        await asyncio.gather(
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
