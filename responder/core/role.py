"""Azure roles and who holds them, as far as an assignment's identity is concerned.

Read from what Resource Manager returns for `roleAssignments` and `roleDefinitions` (2022-04-01,
https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest). A role is known by the guid
at the end of its id: the same role is written with and without a subscription in front.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from responder.core.documents import BadDocument, properties_of, text_of, value_of
from responder.core.permission import Permission, permissions
from responder.core.resource_id import ResourceId

_MANAGEMENT_GROUP = "/providers/microsoft.management/managementgroups/"


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """One role that the identity holds, itself or through a group. Everything is folded."""

    scope: str  # "/" is the whole tenant
    role: str  # guid
    conditional: bool = False  # it has a condition, which only Azure can evaluate

    def reaches(self, place: ResourceId) -> bool:
        """Whether it is held at the place or above it.

        What was listed for a subscription and lies in none, was put above it: at a management group or the tenant.
        """
        if self.scope == "/" or self.scope.startswith(_MANAGEMENT_GROUP):
            return True
        return f"{place.text}/".startswith(f"{self.scope}/")


@dataclass(frozen=True, slots=True)
class Role:
    """What a role allows."""

    guid: str
    name: str
    permissions: tuple[Permission, ...]


def role_guid(role_id: str) -> str:
    """The guid at the end of a role's id, folded."""
    return role_id.rstrip("/").rpartition("/")[2].lower()


def role_assignment(document: Mapping[str, object]) -> RoleAssignment:
    """Read a role assignment; raises `BadDocument`."""
    what = f"role assignment {value_of(document, 'id') or value_of(document, 'name')}"
    properties = properties_of(document, what)
    return RoleAssignment(
        scope=_scope(document, properties, what),
        role=role_guid(text_of(properties, "roleDefinitionId", what)),
        conditional=bool(value_of(properties, "condition")),
    )


def role(document: Mapping[str, object]) -> Role:
    """Read a role definition; raises `BadDocument`."""
    what = f"role {value_of(document, 'name') or value_of(document, 'id')}"
    guid = value_of(document, "name") or role_guid(text_of(document, "id", what))
    properties = properties_of(document, what)
    return Role(str(guid).lower(), str(value_of(properties, "roleName") or guid), permissions(properties, what))


def _scope(document: Mapping[str, object], properties: Mapping[str, object], what: str) -> str:
    told = value_of(properties, "scope")
    if not isinstance(told, str) or not told:
        marker = "/providers/microsoft.authorization/roleassignments/"
        held, found, _ = text_of(document, "id", what).lower().rpartition(marker)
        if not found:
            raise BadDocument(f"{what} has neither a scope nor the id of a role assignment")
        told = held
    return told.lower().rstrip("/") or "/"
