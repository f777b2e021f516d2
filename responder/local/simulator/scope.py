"""Resource Manager ids: what they name, and how the services spell them back.

Ids are compared without case everywhere in Resource Manager. Policy Insights echoes them partly lower-cased: in
recorded traffic and in a captured event `resourcegroups`, provider namespaces and types are lower-case while names
keep the case they were given.
"""

from __future__ import annotations

MANAGEMENT_GROUP = "/providers/microsoft.management/managementgroups/"


def segments(scope: str) -> list[str]:
    """The parts between the slashes; empty ones do not count (the SDKs send `//subscriptions/…`)."""
    return [part for part in scope.split("/") if part]


def normal(scope: str) -> str:
    """The id with one leading slash and none at the end."""
    return "/" + "/".join(segments(scope))


def key(scope: str) -> str:
    """What two spellings of one id have in common."""
    return normal(scope).lower()


def name_of(scope: str) -> str:
    """The last segment, in its own case."""
    return segments(scope)[-1]


def management_group_of(scope: str) -> str | None:
    """The name when the id is that of a management group."""
    return name_of(scope) if is_management_group(scope) else None


def is_management_group(scope: str) -> bool:
    """Whether the id is that of a management group itself."""
    return key(scope).startswith(MANAGEMENT_GROUP) and len(segments(scope)) == 4


def subscription_of(scope: str) -> str | None:
    """The subscription the id lies in."""
    return _after("subscriptions", scope, 0)


def resource_group_of(scope: str) -> str | None:
    """The resource group the id lies in or is."""
    return _after("resourcegroups", scope, 2)


def type_of(scope: str) -> str:
    """`Microsoft.Sql/servers/databases` for the id of a database; groups and subscriptions have types too."""
    parts = segments(scope)
    places = [index for index, part in enumerate(parts) if part.lower() == "providers" and index % 2 == 0]
    if not places:
        return "Microsoft.Resources/subscriptions" + ("/resourceGroups" if len(parts) > 2 else "")
    last = parts[places[-1] + 1 :]
    return "/".join([*last[:1], *last[1::2]])


def holder_of(document_id: str) -> str:
    """The scope an assignment, definition or the like lies at: its id without provider, type and name."""
    return "/" + "/".join(segments(document_id)[:-4])


def echo(scope: str) -> str:
    """The id as Policy Insights writes it back: keywords, namespaces and types in lower case, names as they are.

    The recorded PUT sends `…/resourceGroups/rg/providers/Microsoft.Authorization/policyAssignments/a` and gets
    `…/resourcegroups/rg/providers/microsoft.authorization/policyassignments/a` back.
    """
    parts = segments(scope)
    # An id is a row of pairs, keyword or type first; after `providers` the second is a namespace, not a name.
    for index, part in enumerate(parts):
        if index % 2 == 0 or parts[index - 1] == "providers":
            parts[index] = part.lower()
    return "/" + "/".join(parts)


def _after(keyword: str, scope: str, place: int) -> str | None:
    parts = segments(scope)
    if len(parts) > place + 1 and parts[place].lower() == keyword:
        return parts[place + 1]
    return None
