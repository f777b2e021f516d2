"""Microsoft.Authorization: assignments, definitions, initiatives, exemptions and roles, as they were put in.

A list at a scope has what lies at it, above it and below it, as Azure's lists of exemptions and role assignments
do; `atScope()` leaves out what lies below.
https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest
"""

from __future__ import annotations

from responder.local.simulator import refusal
from responder.local.simulator import scope as ids
from responder.local.simulator.documents import Json
from responder.local.simulator.filter_text import Function, Row, compiled
from responder.local.simulator.tenant import text_in
from responder.local.simulator.wire import ArmAnswer, ArmRequest, paged
from responder.local.simulator.world import World

_PAGE = 100
_FIELDS = {
    "policyassignments": ("policyDefinitionId",),
    "policyexemptions": ("policyAssignmentId",),
    "roleassignments": ("principalId", "roleDefinitionId"),
    "roledefinitions": ("roleName", "type"),
}


def get(world: World, scope: str, collection: str, name: str) -> ArmAnswer:
    """One document by its whole id; a role definition by its name alone, because built-in ones are at every scope."""
    asked = f"{scope}/providers/Microsoft.Authorization/{collection}/{name}"
    found = world.tenant.document(collection, asked)
    if found is None and collection == "roledefinitions":
        found = next((each for each in world.tenant.documents(collection) if _named(each, name)), None)
    if found is None:
        raise refusal.not_found(collection, asked)
    return ArmAnswer(200, found)


def permissions(world: World, scope: str) -> ArmAnswer:
    """What the caller may do at a scope, by what holds there and above.

    The path is documented for resource groups and resources, and known to answer for subscriptions
    (Azure/azure-rest-api-specs#19473); nothing says that it answers for management groups, so it does not here.
    """
    if ids.is_management_group(scope):
        raise refusal.no_such_path(f"{scope}/providers/Microsoft.Authorization/permissions")
    held = [each for each in world.tenant.permissions if world.tenant.contains(each.scope, scope)]
    told: list[object] = [{"actions": each.actions, "notActions": each.not_actions} for each in held]
    everything: list[object] = [{"actions": ["*"], "notActions": []}]
    return ArmAnswer(200, {"value": told if world.tenant.permissions else everything})


def list_at(world: World, request: ArmRequest, scope: str, collection: str) -> ArmAnswer:
    """The documents that concern a scope. `$filter`: the fields of `_FIELDS`, `assignedTo('…')`, `atScope()`."""

    def at_scope(row: Row, _argument: str) -> bool:
        return world.tenant.contains(str(row["scope"]), scope)

    functions: dict[str, Function] = {"assignedTo": _assigned_to, "atScope": at_scope}
    fields = _FIELDS.get(collection, ())
    test = compiled(request.filter, fields, functions)
    concerned = [each for each in world.tenant.documents(collection) if _concerns(world, each, scope)]
    page = paged(request, [each for each in concerned if test(_row(each, fields))], _PAGE)
    body: Json = {"value": list(page.items)}
    return ArmAnswer(200, {**body, "nextLink": page.next_link} if page.next_link else body)


def _row(document: Json, fields: tuple[str, ...]) -> Row:
    return {name: text_in(document, name) for name in (*fields, "principalId")} | {"scope": _scope_of(document)}


def _assigned_to(row: Row, principal: str) -> bool:
    # The real function also finds what comes through groups; the simulator knows no groups.
    return str(row["principalId"]).lower() == principal.lower()


def _concerns(world: World, document: Json, scope: str) -> bool:
    own = _scope_of(document)
    return world.tenant.contains(own, scope) or world.tenant.contains(scope, own)


def _scope_of(document: Json) -> str:
    return ids.holder_of(str(document["id"]))


def _named(document: Json, name: str) -> bool:
    return ids.name_of(str(document["id"])).lower() == name.lower()
