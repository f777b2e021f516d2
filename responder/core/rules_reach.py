"""Globs that nothing in Azure can match: a rule that names one is dead, and looks alive.

Whether an id can match at all follows from the shapes that Azure's ids have
(https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules,
https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure). Only what is certain is told.
"""

import re
from collections.abc import Callable, Mapping

from responder.core.facts import place
from responder.core.glob import globs
from responder.core.resource_id import LONGEST
from responder.core.rules_glob import meets
from responder.core.rules_types import EFFECTS

_GROUP = "/providers/microsoft.management/managementgroups/+"
_POLICY = "/providers/microsoft.authorization"
_SHAPES: Mapping[str, tuple[str, ...]] = {
    "assignment": (f"{_GROUP}{_POLICY}/policyassignments/+", f"/subscriptions/+**{_POLICY}/policyassignments/+"),
    "definition": tuple(f"{at}{_POLICY}/policydefinitions/+" for at in ("", _GROUP, "/subscriptions/+")),
    "resource": (
        "/subscriptions/+",
        "/subscriptions/+/resourcegroups/+",
        "/subscriptions/+/providers/+/+/+**",
        "/subscriptions/+/resourcegroups/+/providers/+/+/+**",
    ),
    "resourceType": ("+/+", "+/+/**"),
    "subscription": ("-".join("#" * count for count in (8, 4, 4, 4, 12)),),
}
_LIKE = {
    "assignment": "the id of an assignment ends in /providers/Microsoft.Authorization/policyAssignments/NAME",
    "definition": "the id of a definition ends in /providers/Microsoft.Authorization/policyDefinitions/NAME",
    "resource": "the id of a resource is /subscriptions/ID/resourceGroups/NAME/providers/NAMESPACE/TYPE/NAME",
    "resourceType": "a type is such as Microsoft.KeyVault/vaults",
    "subscription": "subscriptions are compared by their id, not by their name",
}
_NOT_IN_A_NAME = re.compile(r"[^\w.()*-]")
_NOT_IN_A_LOCATION = re.compile(r"[^a-z0-9*]")


def dead(key: str, glob: str) -> str | None:
    """Why nothing can match the glob under this key; None where something may."""
    if len(glob.replace("*", "")) > LONGEST:
        return f"it is longer than any id can be ({LONGEST} characters)"
    reason = _OTHERS.get(key)
    if reason is not None:
        return reason(glob)
    shapes = _SHAPES.get(key, ())
    if not shapes or any(meets(glob.lower(), shape) for shape in shapes):
        return None
    return f"{glob!r} matches nothing: {_instead(key, glob, shapes)}"


def _instead(key: str, glob: str, shapes: tuple[str, ...]) -> str:
    if key == "resource" and "/managementgroups/" in glob.lower():
        return "the id of a resource names no management group; write managementGroup: NAME"
    wider = re.sub(r"\*+", "**", glob)
    if wider != glob and any(meets(wider.lower(), shape) for shape in shapes):
        return f"{_LIKE[key]}; '*' stays inside a segment, write {wider!r} if it is to cross some"
    return _LIKE[key]


def _group_name(glob: str) -> str | None:
    odd = _NOT_IN_A_NAME.search(glob)
    return f"{glob!r} matches nothing: a resource group's name has no {odd[0]!r}" if odd else None


def _management_group_name(glob: str) -> str | None:
    odd = _NOT_IN_A_NAME.search(glob)
    if odd is None:
        return None
    return f"{glob!r} matches nothing: a management group's name has no {odd[0]!r}; is that its display name?"


def _location(glob: str) -> str | None:
    odd = _NOT_IN_A_LOCATION.search(place(glob))
    return f"{glob!r} matches nothing: a location's name has no {odd[0]!r}; such as westeurope" if odd else None


def _effect(glob: str) -> str | None:
    wanted = globs([glob])
    if any(wanted.match(effect.lower()) for effect in EFFECTS):
        return None
    return f"{glob!r} is no effect that Azure Policy has; those are {', '.join(EFFECTS)}"


_OTHERS: Mapping[str, Callable[[str], str | None]] = {
    "resourceGroup": _group_name,
    "managementGroup": _management_group_name,
    "location": _location,
    "effect": _effect,
}
