"""A life in which the app asks Azure everything that it ever asks: what it called is what its role must allow.

One rule only observes, one opens a task for a group, one cancels what runs too long; an initiative is assigned; an
exemption and the roles of an identity are looked at; states that no event announced are taken in; and somebody else's
task stands in the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.data.tables.aio import TableServiceClient
from azure.storage.queue.aio import QueueServiceClient

from responder.adapters.ledger import Ledger
from responder.commands.open_ledger import open_ledger
from responder.core.case import Case, State
from responder.local.laptop import Laptop
from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, vault
from tests.scenarios.estates import QUICK, RULES, SCANNED, SUBSCRIPTION_ID, THE_ASSIGNMENT, THE_DEFINITION, an_event
from tests.scenarios.patience import eventually

_NEEDED = "749f88d5-cbae-40b8-bcfc-e573ddc772fa"
_HELD = "92aaf0da-9dab-42b6-94a3-d43ce8d16293"
_PRINCIPAL = "11111111-1111-1111-1111-111111111111"
_INITIATIVE = "/providers/microsoft.authorization/policysetdefinitions/diagnostics"
_INITIATIVE_ASSIGNMENT = f"{SUBSCRIPTION}/providers/microsoft.authorization/policyassignments/deploy-diag-all"
_REFERENCE = "keyvault"
_OTHER = f"{SUBSCRIPTION}/resourcegroups/rg-other"
_RULES = (
    RULES.replace(f'["{SUBSCRIPTION}"]', "[/providers/Microsoft.Management/managementGroups/alz]")
    .replace("defaults:", "defaults:\n  backfill: true\n  requireRoles: false")
    .replace(
        "  - name: vaults\n",
        """  - name: watched
    match: {resource: "**/vaults/watched*"}
    action: observe
  - name: slow ones
    match: {resource: "**/vaults/slow*"}
    task: {timeout: PT1S, onTimeout: cancel}
    retry: {attempts: 1}
    action: remediate
  - name: vaults
""",
    )
)


@dataclass(frozen=True, slots=True)
class Life:
    """What Azure was asked, and what stands in the storage account afterwards."""

    requests: Sequence[dict[str, Any]]
    cases: Sequence[Case]
    tables: frozenset[str]
    queues: frozenset[str]


async def lived(storage: str, folder: Path) -> Life:
    """Run the app through all of it."""
    (folder / "rules.yaml").write_text(_RULES, encoding="utf-8")
    async with Laptop(folder, folder / "rules.yaml", _estate(), storage=storage) as laptop:
        await laptop.control("PUT", "dials", {**QUICK, "eventsTo": laptop.webhook})
        for name in ("kv1", "kv2", "exempt", "watched", "slow"):
            assert await laptop.deliver(an_event(name, subject=_place(name))) == 202
        assert await laptop.deliver(_event_of_the_initiative()) == 202
        async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
            cases = await eventually(lambda: _all_over(ledger), "every case to be over", 60)
        asked = await laptop.control("GET", "requests")
    assert isinstance(asked, list)
    return Life(asked, cases, await _tables(storage), await _queues(storage))


async def _all_over(ledger: Ledger) -> list[Case] | None:
    cases = await ledger.cases()
    over = [case for case in cases if case.state in (State.CLOSED, State.STOPPED)]
    unannounced = [case for case in over if "unannounced" in case.key.place]
    return cases if unannounced and len(over) == len(cases) else None


def _place(name: str) -> str:
    return vault(name, f"{SUBSCRIPTION}/resourcegroups/rg-{name.rstrip('12')}")


def _state(name: str, **changes: str) -> dict[str, object]:
    told = {"resourceId": _place(name), "policyAssignmentId": ASSIGNMENT, "policyDefinitionId": DEFINITION}
    return {**told, "timestamp": SCANNED, **changes}


def _of_the_initiative() -> dict[str, str]:
    return {"policyAssignmentId": _INITIATIVE_ASSIGNMENT, "policyDefinitionReferenceId": _REFERENCE}


def _event_of_the_initiative() -> dict[str, object]:
    event = an_event("all", subject=_place("all"))
    data = event["data"]
    assert isinstance(data, dict)
    return {**event, "data": {**data, **_of_the_initiative()}}


def _estate() -> dict[str, object]:
    names = ("kv1", "kv2", "exempt", "watched", "slow", "unannounced", "all")
    slow = {"remediation": {"takes": "PT1H"}}
    return {
        "managementGroups": [{"name": "alz", "parent": None, "subscriptions": [SUBSCRIPTION_ID]}],
        "assignments": [THE_ASSIGNMENT, _initiative_assignment()],
        "definitions": [_definition()],
        "initiatives": [_initiative()],
        "exemptions": [_exemption()],
        "roleAssignments": [_role_assignment()],
        "roleDefinitions": [_role(_NEEDED, "Microsoft.Insights/diagnosticSettings/*"), _role(_HELD, "*/read")],
        "resources": [{"id": _place(name)} | (slow if name == "slow" else {}) for name in names],
        "states": [*(_state(name) for name in names[:-1]), _state("all", **_of_the_initiative())],
    }


def _definition() -> dict[str, object]:
    rule = {
        "if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"},
        "then": {
            "effect": "DeployIfNotExists",
            "details": {
                "type": "Microsoft.Insights/diagnosticSettings",
                "roleDefinitionIds": [f"/providers/Microsoft.Authorization/roleDefinitions/{_NEEDED}"],
            },
        },
    }
    return {**THE_DEFINITION, "properties": {"mode": "Indexed", "policyRule": rule}}


def _initiative() -> dict[str, object]:
    member = {"policyDefinitionId": DEFINITION, "policyDefinitionReferenceId": _REFERENCE}
    return {"id": _INITIATIVE, "name": "diagnostics", "properties": {"policyDefinitions": [member]}}


def _initiative_assignment() -> dict[str, object]:
    properties = {"policyDefinitionId": _INITIATIVE, "scope": SUBSCRIPTION, "enforcementMode": "Default"}
    return {**THE_ASSIGNMENT, "id": _INITIATIVE_ASSIGNMENT, "name": "deploy-diag-all", "properties": properties}


def _exemption() -> dict[str, object]:
    properties = {"policyAssignmentId": ASSIGNMENT, "exemptionCategory": "Waiver"}
    return {
        "id": f"{_place('exempt')}/providers/Microsoft.Authorization/policyExemptions/left-alone",
        "properties": properties,
    }


def _role_assignment() -> dict[str, object]:
    properties = {
        "scope": SUBSCRIPTION,
        "principalId": _PRINCIPAL,
        "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{_HELD}",
    }
    held = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/held"
    return {"id": held, "name": "held", "properties": properties}


def _role(guid: str, action: str) -> dict[str, object]:
    allowed = {"actions": [action], "notActions": [], "dataActions": [], "notDataActions": []}
    properties = {"roleName": guid, "type": "BuiltInRole", "permissions": [allowed], "assignableScopes": ["/"]}
    named = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
    return {"id": named, "name": guid, "properties": properties}


async def _tables(storage: str) -> frozenset[str]:
    async with TableServiceClient.from_connection_string(storage) as client:
        return frozenset([table.name async for table in client.list_tables()])


async def _queues(storage: str) -> frozenset[str]:
    async with QueueServiceClient.from_connection_string(storage) as client:
        return frozenset([str(queue.name) async for queue in client.list_queues()])
