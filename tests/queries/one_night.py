"""The running app that a night happens to, and whose telemetry arrives here.

Each thing that goes wrong has an assignment and a definition of its own, so that an alert can say which it was.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from responder.commands.open_ledger import open_ledger
from responder.core import instant
from responder.core.case import Case, State
from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, vault
from tests.scenarios.estates import SCANNED, THE_ASSIGNMENT, THE_DEFINITION, an_estate, an_event
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
async def a_night(storage: str, folder: Path, told: Tables) -> AsyncIterator[Night]:
    """The app while it runs; what it told is in `told` once it has ended."""
    async with watched(storage, folder, _estate(), RULES) as site:
        assert await site.laptop.deliver(an_event("break-glass")) == 202  # the first event makes the ledger
        async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
            yield Night(site.laptop, ledger)
        told |= await site.said()
