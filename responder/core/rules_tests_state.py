"""A policy state written by hand in a test, as the event that would tell of it and the facts it tells.

The keys are those of a row of `policyStates/latest/queryResults` (api-version 2024-10-01). What Azure writes as a
text within a text (`resourceTags`, `managementGroupIds`) may be written as it is meant.
"""

import json
from collections.abc import Mapping

from responder.core.facts import Facts, from_document
from responder.core.observed_state import observed_state
from responder.core.rules_key import closest
from responder.core.rules_tests_model import Document

_SCANNED = "2026-01-01T00:00:00Z"
_KNOWN = (
    *("resourceId", "policyAssignmentId", "policyDefinitionId", "policyDefinitionReferenceId"),
    *("policySetDefinitionId", "policyDefinitionAction", "complianceState", "isCompliant", "timestamp"),
    *("resourceLocation", "resourceTags", "managementGroupIds", "resourceType", "resourceGroup", "subscriptionId"),
    *("policyAssignmentName", "policyDefinitionName", "policySetDefinitionName", "policyAssignmentScope"),
    *("policyDefinitionGroupNames", "policyDefinitionCategory", "policySetDefinitionCategory"),
    *("policySetDefinitionOwner", "policySetDefinitionParameters", "policySetDefinitionVersion"),
    *("policyAssignmentOwner", "policyAssignmentParameters", "policyAssignmentVersion", "policyDefinitionVersion"),
    *("policyEvaluationDetails", "stateWeight", "effectiveParameters", "components"),
)


class BadState(ValueError):
    """What a test gives cannot be used; `key` says which part of the test it is."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def event_of(row: Mapping[str, object]) -> Document:
    """The event that would tell of this state. Left out, it is non-compliant and was scanned some time."""
    for key in row:
        if key not in _KNOWN and not key.startswith("@odata"):
            close = closest(key, _KNOWN)
            raise BadState("state", f"a policy state has no {key!r}" + (f"; did you mean {close}?" if close else ""))
    resource = str(row.get("resourceId") or "")
    subscription = resource.lower().strip("/").split("/")[1:2]
    return {
        "id": "a policy state",
        "eventType": "Microsoft.PolicyInsights.PolicyStateChanged",
        "topic": f"/subscriptions/{subscription[0]}" if subscription else "",
        "subject": resource,
        "data": {
            "timestamp": row.get("timestamp", _SCANNED),
            "policyAssignmentId": row.get("policyAssignmentId"),
            "policyDefinitionId": row.get("policyDefinitionId"),
            "policyDefinitionReferenceId": row.get("policyDefinitionReferenceId"),
            "complianceState": row.get("complianceState", "NonCompliant"),
        },
    }


def facts_of(row: Mapping[str, object] | None, known: Document) -> Facts:
    """What is known, over what the state tells; raises `BadDocument` and `BadState`."""
    return from_document({**_told(row), **known} if row is not None else known)


def _told(row: Mapping[str, object]) -> Document:
    state = observed_state(_as_azure_writes(row))
    if state is None:
        raise BadState("state", "it names no resource that can be one, or its timestamp is none")
    groups = state.management_groups
    return {
        "effect": state.effect,
        "location": state.location,
        "tags": state.tags,
        "managementGroups": list(groups) if groups is not None else None,
    }


def _as_azure_writes(row: Mapping[str, object]) -> Document:
    tags, groups = row.get("resourceTags"), row.get("managementGroupIds")
    written = dict(row)
    written.setdefault("timestamp", _SCANNED)
    if isinstance(tags, Mapping):
        if not all(isinstance(value, str) for value in tags.values()):
            raise BadState("state", 'resourceTags are texts; put them in quotes, such as {"env": "prod"}')
        written["resourceTags"] = json.dumps(dict(tags))
    if isinstance(groups, list):
        written["managementGroupIds"] = ",".join(map(str, groups))
    return written
