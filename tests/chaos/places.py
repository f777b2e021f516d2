"""The estate of a run: resource groups of several shapes in some subscriptions, and the rules that go with them."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.size import Shape, Size

SUBSCRIPTIONS = tuple(f"00000000-0000-4000-8000-00000000000{number}" for number in range(4))
_ASSIGNMENTS = (
    "/providers/microsoft.management/managementgroups/alz/providers/microsoft.authorization/policyassignments"
)
_DEFINITIONS = "/providers/microsoft.authorization/policydefinitions"
POLICIES = tuple(
    (f"{_ASSIGNMENTS}/deploy-{name}", f"{_DEFINITIONS}/{name}") for name in ("diagnostics", "locks", "backup")
)
ATTEMPTS = 2
SMALL_COUNT = 12


@dataclass(frozen=True, slots=True)
class Vault:
    """One resource and the one policy that it breaks. `wanted`: whether the rules want it remediated."""

    id: str
    policy: int
    shape: Shape
    wanted: bool = True
    outcome: str = "succeeds"
    hands_off: bool = False

    @property
    def assignment(self) -> str:
        """The id of the assignment that it breaks."""
        return POLICIES[self.policy][0]

    @property
    def definition(self) -> str:
        """The id of its policy."""
        return POLICIES[self.policy][1]


def vaults_of(size: Size) -> tuple[Vault, ...]:
    """Every resource of the estate."""
    return tuple(vault for number, (shape, count) in enumerate(_groups(size)) for vault in _group(number, shape, count))


def _groups(size: Size) -> Iterator[tuple[Shape, int]]:
    for shape, (count, each) in size.groups.items():
        for _ in range(count):
            yield shape, each


def _group(number: int, shape: Shape, count: int) -> Iterator[Vault]:
    place = f"/subscriptions/{SUBSCRIPTIONS[number % 4]}/resourcegroups/rg-{shape}-{number}"
    for index in range(count):
        yield _vault(place, number % 3, shape, index)


def _vault(place: str, policy: int, shape: Shape, index: int) -> Vault:
    """The first two of a group are those that make its shape."""
    special = index < 2
    name = {(Shape.IGNORED, True): "ignored", (Shape.PART, True): "kept"}.get((shape, special), "kv")
    spoiled = {(Shape.FAILING, True): "fails", (Shape.IDLE, True): "ineffective"}
    return Vault(
        id=f"{place}/providers/microsoft.keyvault/vaults/{name}-{index}",
        policy=policy,
        shape=shape,
        wanted=shape is not Shape.WATCHED and not (special and shape in (Shape.IGNORED, Shape.PART, Shape.TAGGED)),
        outcome=spoiled.get((shape, special), "succeeds"),
        hands_off=special and shape is Shape.TAGGED,
    )


def estate_of(vaults: tuple[Vault, ...]) -> dict[str, object]:
    """What the simulator is told: policies, resources; only what must not be touched is non-compliant already."""
    return {
        "managementGroups": [{"name": "alz", "parent": None, "subscriptions": list(SUBSCRIPTIONS)}],
        "assignments": [_assignment(*policy) for policy in POLICIES],
        "definitions": [_definition(definition) for _, definition in POLICIES],
        "resources": [_resource(vault) for vault in vaults],
        "states": [state_of(vault, "NonCompliant", None) for vault in vaults if not vault.wanted],
    }


def state_of(vault: Vault, compliance: str, scanned: str | None) -> dict[str, object]:
    """What a policy says about a resource, as the simulator is told."""
    return {
        "resourceId": vault.id,
        "policyAssignmentId": vault.assignment,
        "policyDefinitionId": vault.definition,
        "complianceState": compliance,
        "timestamp": scanned,
    }


def _resource(vault: Vault) -> dict[str, object]:
    tags = {"hands": "off"} if vault.hands_off else {}
    return {"id": vault.id, "tags": tags, "remediation": {"outcome": vault.outcome}}


def _assignment(assignment: str, definition: str) -> dict[str, object]:
    return {
        "id": assignment,
        "type": "Microsoft.Authorization/policyAssignments",
        "identity": {"type": "SystemAssigned", "principalId": "11111111-1111-1111-1111-111111111111"},
        "properties": {
            "policyDefinitionId": definition,
            "scope": "/providers/Microsoft.Management/managementGroups/alz",
            "enforcementMode": "Default",
        },
    }


def _definition(definition: str) -> dict[str, object]:
    rule = {
        "if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"},
        "then": {"effect": "DeployIfNotExists", "details": {"type": "Microsoft.Insights/diagnosticSettings"}},
    }
    return {"id": definition, "properties": {"mode": "Indexed", "policyRule": rule}}


def rules_of(size: Size) -> str:
    """The rules file of a run."""
    return f"""
version: 1
mode: enforce
within: [/providers/Microsoft.Management/managementGroups/alz]
except: ["/subscriptions/*/resourceGroups/rg-part-*/providers/Microsoft.KeyVault/vaults/kept-*"]
limits: {{running: {size.running}, perDefinition: {size.per_definition}, resourcesPerHour: {10 * size.events}}}
breaker: {{badRounds: 100000}}
defaults:
  gather: {{for: PT1S, atMost: PT4S}}
  grace: none
  poll: {{first: PT1S, most: PT1S}}
  verify: {{after: PT1S, atMost: PT12S}}
  retry: {{attempts: {ATTEMPTS}, wait: PT1S, factor: 1}}
  cooldown: PT2S
rules:
  - name: ignored by name
    match: {{resource: "**/vaults/ignored-*"}}
    action: ignore
  - name: ignored by tag
    match: {{resourceGroup: "rg-tagged-*", tags: {{hands: "off"}}}}
    action: ignore
  - name: only watched
    match: {{resourceGroup: "rg-watched-*"}}
    gather: {{by: resourceGroup}}
    action: observe
  - name: one by one
    match: {{resourceGroup: "rg-single-*"}}
    action: remediate
  - name: in small tasks
    match: {{resourceGroup: "rg-small-*"}}
    gather: {{by: resourceGroup}}
    task: {{resourceCount: {SMALL_COUNT}}}
    action: remediate
  - name: by group
    gather: {{by: resourceGroup}}
    action: remediate
"""
