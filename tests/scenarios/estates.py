"""Small estates and their events, for scenarios."""

from responder.core import instant
from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, vault

SUBSCRIPTION_ID = SUBSCRIPTION.rsplit("/", 1)[1]
SCANNED = "2026-11-20T08:00:00.4496956Z"
RULES = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
defaults:
  gather: {{for: PT0.2S, atMost: PT2S}}
  grace: none
  poll: {{first: PT1S, most: PT2S}}
  verify: {{after: PT0.5S, atMost: PT1M}}
  retry: {{attempts: 2, wait: PT1S, factor: 1}}
rules:
  - name: leave the broken glass alone
    match: {{resource: "**/vaults/break-glass*"}}
    action: ignore
  - name: vaults
    because: Key vaults must always log.
    match: {{resourceType: Microsoft.KeyVault/vaults}}
    gather: {{by: resourceGroup}}
    action: remediate
"""
QUICK = {
    "accepted": "PT0.1S",
    "evaluating": "PT0.1S",
    "deployment": "PT0.2S",
    "counterLag": "PT0.2S",
    "rescan": "PT0.2S",
    "cancelling": "PT0.1S",
}


THE_ASSIGNMENT = {
    "id": ASSIGNMENT,
    "name": "deploy-diag-kv",
    "type": "Microsoft.Authorization/policyAssignments",
    "identity": {"type": "SystemAssigned", "principalId": "11111111-1111-1111-1111-111111111111"},
    "properties": {"policyDefinitionId": DEFINITION, "scope": SUBSCRIPTION, "enforcementMode": "Default"},
}
THE_DEFINITION = {
    "id": DEFINITION,
    "properties": {
        "mode": "Indexed",
        "policyRule": {
            "if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"},
            "then": {"effect": "DeployIfNotExists", "details": {"type": "Microsoft.Insights/diagnosticSettings"}},
        },
    },
}


def an_estate(*names: str, **outcomes: str) -> dict[str, object]:
    """Key vaults that break one policy; `outcomes` says what comes of remediating some of them."""
    return {
        "managementGroups": [{"name": "alz", "parent": None, "subscriptions": [SUBSCRIPTION_ID]}],
        "assignments": [THE_ASSIGNMENT],
        "definitions": [THE_DEFINITION],
        "resources": [
            {"id": vault(name), "remediation": {"outcome": outcomes.get(name.replace("-", "_"), "succeeds")}}
            for name in names
        ],
        "states": [
            {
                "resourceId": vault(name),
                "policyAssignmentId": ASSIGNMENT,
                "policyDefinitionId": DEFINITION,
                "timestamp": SCANNED,
            }
            for name in names
        ],
    }


def an_event(
    name: str, compliance: str = "NonCompliant", scanned: str = SCANNED, **changes: object
) -> dict[str, object]:
    """The event that Azure raises for one of them, in the Event Grid schema."""
    return {
        "id": f"{instant.ticks(scanned):X}{name.encode().hex()}".upper(),
        "topic": SUBSCRIPTION,
        "subject": vault(name).replace("resourcegroups", "resourceGroups"),
        "eventType": "Microsoft.PolicyInsights.PolicyStateChanged",
        "eventTime": "2026-11-20T08:14:42.5241536Z",
        "dataVersion": "1",
        "metadataVersion": "1",
        "data": {
            "timestamp": scanned,
            "policyAssignmentId": ASSIGNMENT,
            "policyDefinitionId": DEFINITION,
            "policyDefinitionReferenceId": "",
            "complianceState": compliance,
            "subscriptionId": SUBSCRIPTION_ID,
            "complianceReasonCode": "",
        },
        **changes,
    }
