"""A wide estate for the simulator: many subscriptions under one management group, each with its share of trouble."""

from __future__ import annotations

from collections.abc import Iterator

MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/alz"
GROUPS = 5
_TYPES = ("Microsoft.KeyVault/vaults", "Microsoft.Storage/storageAccounts", "Microsoft.Sql/servers")
_EFFECTS = ("deployIfNotExists", "modify", "deployIfNotExists", "auditIfNotExists", "deny")
POLICIES = 10
_ROLES = ["/providers/Microsoft.Authorization/roleDefinitions/749f88d5-cbae-40b8-bcfc-e573ddc772fa"]


def subscription(number: int) -> str:
    """The id of a subscription."""
    return f"/subscriptions/{number:08x}-0000-4000-8000-000000000000"


def subscriptions(count: int) -> list[str]:
    """Ids of subscriptions."""
    return [subscription(number) for number in range(count)]


def assignment(number: int) -> str:
    """The id of one of the assignments, all at the management group."""
    return f"{MANAGEMENT_GROUP}/providers/Microsoft.Authorization/policyAssignments/deploy-{number}"


def definition(number: int) -> str:
    """The id of the definition that it assigns."""
    return f"{MANAGEMENT_GROUP}/providers/Microsoft.Authorization/policyDefinitions/policy-{number}"


def effect(number: int) -> str:
    """What the policy does."""
    return _EFFECTS[number % len(_EFFECTS)]


def a_wide_estate(count: int) -> dict[str, object]:
    """The hierarchy and the policies; of the policies with an identity one has none."""
    return {
        "managementGroups": [
            {"name": "alz", "subscriptions": [each.rpartition("/")[2] for each in subscriptions(count)]}
        ],
        "assignments": [_assignment(number) for number in range(POLICIES)],
        "definitions": [_definition(number) for number in range(POLICIES)],
    }


def a_subscription(number: int, states: int) -> dict[str, object]:
    """One subscription's resources and states, to be added to the estate."""
    found = list(_resources(number, states))
    return {
        "resources": [{"id": name, "location": "westeurope", "tags": tags} for name, tags, _policy in found],
        "states": [_state(name, policy) for name, _tags, policy in found],
    }


def _resources(number: int, states: int) -> Iterator[tuple[str, dict[str, str], int]]:
    """Every seventh group holds a resource that Terraform manages."""
    for index in range(states):
        policy, group = index % POLICIES, (index // POLICIES) % GROUPS
        kind = _TYPES[policy % len(_TYPES)]
        name = f"{subscription(number)}/resourceGroups/rg-{group}/providers/{kind}/res{number:03}x{index:04}"
        managed = (number * GROUPS + group) % 7 == 0 and index // POLICIES == group
        yield name, ({"managedBy": "terraform"} if managed else {"env": "prod"}), policy


def _state(resource: str, policy: int) -> dict[str, object]:
    return {
        "resourceId": resource,
        "policyAssignmentId": assignment(policy),
        "policyDefinitionId": definition(policy),
        "policyDefinitionAction": effect(policy),
        "timestamp": "2026-11-20T08:00:00.1234567Z",
    }


def _assignment(number: int) -> dict[str, object]:
    identity = {"type": "SystemAssigned", "principalId": f"11111111-0000-4000-8000-{number:012}"}
    return {
        "id": assignment(number),
        "identity": {"type": "None"} if number == 2 else identity,
        "properties": {
            "policyDefinitionId": definition(number),
            "scope": MANAGEMENT_GROUP,
            "enforcementMode": "DoNotEnforce" if number == 5 else "Default",
        },
    }


def _definition(number: int) -> dict[str, object]:
    rule = {
        "if": {"field": "type", "equals": _TYPES[number % len(_TYPES)]},
        "then": {"effect": effect(number), "details": {"roleDefinitionIds": _ROLES if number == 7 else []}},
    }
    return {"id": definition(number), "properties": {"mode": "Indexed", "policyRule": rule}}
