"""The demo's estate as the simulator takes it: the places, the policies, and what the one says about the other.

The policy states follow from the event files: the newest event of a resource says how Azure Policy calls it, so
that what is announced and what is read agree.
"""

import json
from collections.abc import Iterable, Mapping

from responder.local.demo.places import CORP, GROUPS, PLACES, SANDBOX, Place
from responder.local.demo.policies import (
    DATA,
    DEFINITION,
    POLICIES,
    Document,
    Policy,
    assignment,
    definition,
    initiative,
    mapping,
)


def estate(events: Iterable[Mapping[str, object]]) -> Document:
    """The whole estate, as the simulator takes it, with the policy states that these events announce."""
    return {
        "managementGroups": [
            {"name": "alz", "parent": None, "subscriptions": []},
            {"name": "alz-corp", "parent": "alz", "subscriptions": [CORP]},
            {"name": "alz-sandbox", "parent": "alz", "subscriptions": [SANDBOX]},
        ],
        "assignments": [assignment(policy) for policy in POLICIES],
        "definitions": [definition(policy) for policy in POLICIES],
        "initiatives": [initiative()],
        "resources": [_resource(place) for place in PLACES],
        "states": _states(events),
    }


def facts(event: Mapping[str, object]) -> Document | None:
    """What `explain --facts` needs to know about an event; None where it speaks of nothing in this estate."""
    place, policy = place_of(event), policy_of(event)
    if place is None or policy is None:
        return None
    told: Document = {
        "effect": policy.effect,
        "location": place.location,
        "tags": dict(place.tags),
        "managementGroups": GROUPS[place.id.split("/")[2]],
        "assignment": assignment(policy),
        "definition": definition(policy),
    }
    return {**told, "initiative": initiative()} if policy.initiative else told


def place_of(event: Mapping[str, object]) -> Place | None:
    """The resource that an event is about."""
    subject = str(event.get("subject", "")).lower()
    return next((place for place in PLACES if place.id.lower() == subject), None)


def policy_of(event: Mapping[str, object]) -> Policy | None:
    """The policy that an event is about."""
    named = str(_data(event).get("policyAssignmentId", "")).lower()
    return next((policy for policy in POLICIES if policy.id.lower() == named), None)


def _resource(place: Place) -> Document:
    remediation: Document = {"outcome": place.outcome}
    if place.outcome == "fails":
        remediation["error"] = {"code": "Forbidden", "message": _recorded_error()}
    return {"id": place.id, "location": place.location, "tags": dict(place.tags), "remediation": remediation}


def _recorded_error() -> str:
    """The message of a real failed deployment of a tag: the assignment's identity may not write tags."""
    recorded: object = json.loads((DATA / "recordings" / "remediation_deployment_errors.json").read_text("utf-8"))
    assert isinstance(recorded, list)
    return next(str(row["message"]) for row in recorded if row["effect"] == "modify")


def _states(events: Iterable[Mapping[str, object]]) -> list[Document]:
    states: dict[tuple[str, str], Document] = {}
    for event in sorted(events, key=lambda event: str(_data(event).get("timestamp", ""))):
        place, policy, data = place_of(event), policy_of(event), _data(event)
        if place is not None and policy is not None:
            states[place.id, policy.id] = {
                "resourceId": place.id,
                "policyAssignmentId": policy.id,
                "policyDefinitionId": f"{DEFINITION}/{policy.definition}",
                "policyDefinitionReferenceId": data["policyDefinitionReferenceId"],
                "complianceState": data["complianceState"],
                "timestamp": data["timestamp"],
                "policyDefinitionAction": policy.effect,
            }
    return list(states.values())


def _data(event: Mapping[str, object]) -> Mapping[str, object]:
    return mapping(event.get("data", {}))
