"""The estate, the rules and the events of the bench: key vaults of one policy, in as many groups as are wanted."""

from __future__ import annotations

from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, vault
from tests.scenarios.estates import SCANNED, THE_ASSIGNMENT, THE_DEFINITION, an_estate, an_event

# The limit on resources an hour (2,000 where the rules say nothing) would hold a storm back, as it should: not here.
RULES = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
limits: {{resourcesPerHour: 1000000}}
defaults:
  gather: {{for: {{gather_for}}, atMost: PT30M}}
  grace: none
  poll: {{first: PT1S, most: PT5S}}
  verify: {{after: PT0.5S, atMost: PT10M}}
rules:
  - name: leave the broken glass alone
    match: {{resource: "**/vaults/break-glass*"}}
    action: ignore
  - name: vaults
    because: Key vaults must always log.
    match: {{resourceType: Microsoft.KeyVault/vaults}}
    gather: {{by: resourceGroup}}
    task: {{resourceCount: 1000}}
    action: remediate
"""


def rules(gather_for: str) -> str:
    """The rules; news is gathered for so long (ISO 8601)."""
    return RULES.replace("{gather_for}", gather_for)


def group(name: str) -> str:
    """A resource group."""
    return f"{SUBSCRIPTION}/resourcegroups/rg-{name}"


def vaults(run: str, count: int, groups: int) -> list[str]:
    """Ids of vaults, dealt out over so many groups of this run."""
    return [vault(f"kv-{number}", group(f"{run}-{number % groups}")) for number in range(count)]


def ignored(run: str, count: int) -> list[dict[str, object]]:
    """Events that a rule ignores at the door."""
    return [_event(vault(f"break-glass-{run}-{number}"), f"{run}-{number}") for number in range(count)]


def wanted(resources: list[str], scanned: str = SCANNED) -> list[dict[str, object]]:
    """The event of each resource that the door lets in."""
    return [_event(resource, resource, scanned) for resource in resources]


def states(resources: list[str]) -> dict[str, object]:
    """The same resources as Azure Policy knows them, to be added to the simulator's estate."""
    return {
        "resources": [{"id": resource, "remediation": {"outcome": "succeeds"}} for resource in resources],
        "states": [
            {
                "resourceId": resource,
                "policyAssignmentId": ASSIGNMENT,
                "policyDefinitionId": DEFINITION,
                "timestamp": SCANNED,
            }
            for resource in resources
        ],
    }


def empty() -> dict[str, object]:
    """The estate before anything is broken: its hierarchy and its policy."""
    return {**an_estate(), "assignments": [THE_ASSIGNMENT], "definitions": [THE_DEFINITION]}


def _event(subject: str, name: str, scanned: str = SCANNED) -> dict[str, object]:
    return an_event(name, scanned=scanned, subject=subject.replace("resourcegroups", "resourceGroups"))
