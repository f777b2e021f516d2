"""The policies that are assigned in the demo's landing zone.

Definitions and the assignment of the Azure Landing Zones library are Microsoft's own documents, word for word
(`tests/data`), with the library's placeholders filled in. The other assignments and the initiative are a company's
own, as every estate has some.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from responder.local.demo.places import CORP, MANAGEMENT_GROUP, TENANT

Document = dict[str, object]

PROJECT = Path(__file__).resolve().parents[3]
DATA = PROJECT / "tests" / "data"
DEFINITION = "/providers/Microsoft.Authorization/policyDefinitions"
INITIATIVE = f"{MANAGEMENT_GROUP}/alz/providers/Microsoft.Authorization/policySetDefinitions/Corp-Data-Guardrails"
_ASSIGNMENT = "Microsoft.Authorization/policyAssignments"
_CORP = f"/subscriptions/{CORP}"
_OF_A_TEMPLATE = ("apiVersion", "dependsOn")  # what the library's file has and Resource Manager does not return


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy as it is assigned here, and the effect that Azure reports for it."""

    assignment: str
    scope: str
    definition_file: str
    definition: str
    effect: str
    initiative: str = ""
    identity: bool = True
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """The assignment's id."""
        return f"{self.scope}/providers/{_ASSIGNMENT}/{self.assignment}"


SQL_THREAT = Policy(
    "Deploy-SQL-Threat",
    f"{MANAGEMENT_GROUP}/alz",
    "SQL__TdOnSqlServers_DINE",
    "36d49e87-48c4-4f2e-beed-ba4ed02b71f5",
    "deployIfNotExists",
)
POLICIES = (
    SQL_THREAT,
    Policy(
        "Modify-WebApp-Public",
        _CORP,
        "App_Service__WebApp_PublicNetworkAccess_Modify",
        "2374605e-3e0b-492b-9046-229af202562c",
        "modify",
    ),
    Policy(
        "Modify-Tag-CostCenter",
        _CORP,
        "Tags__AddOrReplaceTag_Modify",
        "5ffd78d9-436d-4b41-a421-5baa819e3008",
        "modify",
        parameters=(("tagName", "costCenter"), ("tagValue", "4711")),
    ),
    Policy(
        "Modify-RG-CostCenter",
        _CORP,
        "Tags__AddOrReplaceTag_ResourceGroup_Modify",
        "d157c373-a6c4-483d-aaad-570756956268",
        "modify",
        parameters=(("tagName", "costCenter"), ("tagValue", "4711")),
    ),
    Policy(
        "Deploy-Data-Threat",
        f"{MANAGEMENT_GROUP}/alz-corp",
        "Security_Center__DeployAtpOnMySqlFlexibleServers_DINE",
        "3d5ed4c2-5e50-4c76-932b-8982691b68ae",
        "deployIfNotExists",
        initiative=INITIATIVE,
    ),
    Policy(
        "Audit-ACR-CacheRules",
        f"{MANAGEMENT_GROUP}/alz-corp",
        "Container_Registry__ACR_PTCDisabled_AuditDeny",
        "84497762-32b6-4ab3-80b6-732ea48b85a2",
        "audit",
        identity=False,
    ),
)


def assignment(policy: Policy) -> Document:
    """The assignment as Resource Manager returns it."""
    if policy is SQL_THREAT:
        document = _from_library("Deploy-SQL-Threat")
        properties = {**mapping(document["properties"]), "scope": policy.scope}
    else:
        document = {"type": _ASSIGNMENT, "name": policy.assignment}
        properties = {
            "policyDefinitionId": policy.initiative or f"{DEFINITION}/{policy.definition}",
            "scope": policy.scope,
            "notScopes": [],
            "enforcementMode": "Default",
            "parameters": {name: {"value": value} for name, value in policy.parameters},
        }
    return {**document, **_identity(policy), "id": policy.id, "properties": properties}


def definition(policy: Policy) -> Document:
    """The definition behind it, as Microsoft publishes it."""
    return _read(DATA / "azure-policy" / "policyDefinitions" / f"{policy.definition_file}.json")


def initiative() -> Document:
    """An initiative of the company's own, made of built-in policies, as most estates have one."""
    members = (
        ("threatProtection_MySQL", "3d5ed4c2-5e50-4c76-932b-8982691b68ae"),
        ("threatProtection_Cosmos", "b5f04e03-92a3-4b09-9410-2cc5e5047656"),
    )
    return {
        "id": INITIATIVE,
        "name": "Corp-Data-Guardrails",
        "type": "Microsoft.Authorization/policySetDefinitions",
        "properties": {
            "displayName": "Databases report attacks",
            "policyType": "Custom",
            "parameters": {"effect": {"type": "String", "defaultValue": "DeployIfNotExists"}},
            "policyDefinitions": [
                {
                    "policyDefinitionReferenceId": reference,
                    "policyDefinitionId": f"{DEFINITION}/{name}",
                    "parameters": {"effect": {"value": "[parameters('effect')]"}},
                }
                for reference, name in members
            ],
        },
    }


def _identity(policy: Policy) -> Document:
    """A managed identity, without which an assignment can deploy nothing; those that only audit need none."""
    if not policy.identity:
        return {"identity": {"type": "None"}, "location": "westeurope"}
    principal = str(uuid.uuid5(uuid.NAMESPACE_URL, policy.id))
    return {
        "identity": {"type": "SystemAssigned", "principalId": principal, "tenantId": TENANT},
        "location": "westeurope",
    }


def _from_library(name: str) -> Document:
    document = _read(DATA / "alz-library" / "policy_assignments" / f"{name}.alz_policy_assignment.json")
    return {key: value for key, value in document.items() if key not in _OF_A_TEMPLATE}


def mapping(value: object) -> Mapping[str, object]:
    """The object of a JSON document, or an empty one where it is something else."""
    return value if isinstance(value, Mapping) else {}


def _read(path: Path) -> Document:
    document: object = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document
