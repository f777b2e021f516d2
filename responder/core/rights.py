"""Whether the identity of an assignment holds the roles that its definition needs, where it will write.

Only the portal grants them by itself; an assignment made in code is often without, and each of its deployments then
fails with `Forbidden` (https://learn.microsoft.com/azure/governance/policy/how-to/remediate-resources). A role is held
if the same role, or roles that allow the same, are assigned at that place or above. Deny assignments, and what a
deployment writes elsewhere, are not seen from here: this warns, and holds back only where a rule asks for that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from responder.core.assignment import Assignment
from responder.core.definition import Definition
from responder.core.permission import granted
from responder.core.resource_id import ResourceId
from responder.core.role import Role, RoleAssignment, role_guid
from responder.core.unread import Missing, Unread, told


@dataclass(frozen=True, slots=True)
class Rights:
    """What was read about the roles of an assignment's identity, for one subscription."""

    assignments: tuple[RoleAssignment, ...]
    roles: Mapping[str, Role | Missing | Unread] = field(default_factory=dict)  # by guid


@dataclass(frozen=True, slots=True)
class MissingRole:
    """The role assignment that would mend it. One value per assignment and role, however many resources lack it."""

    scope: str
    principal: str
    role: str  # the role's id, as the definition writes it, folded

    @property
    def command(self) -> str:
        """The same for a person's shell."""
        return (
            f"az role assignment create --assignee-object-id {self.principal} "
            f"--assignee-principal-type ServicePrincipal --role {role_guid(self.role)} --scope {self.scope}"
        )


@dataclass(frozen=True, slots=True)
class RoleFinding:
    """Whether every role is held (`None`: not known), why, and what is missing for certain."""

    holds: bool | None
    because: str
    missing: tuple[MissingRole, ...] = ()


def roles_held(assigned: Assignment, defined: Definition, rights: Rights, landing: ResourceId | Unread) -> RoleFinding:
    """Compare what the definition's `roleDefinitionIds` grant with what the identity holds at the landing scope."""
    if not defined.role_ids:
        return RoleFinding(True, "the definition names no roles that its identity would need")
    if isinstance(landing, Unread):
        return RoleFinding(None, f"where the identity will write is not known: {landing.why}")
    found = [(role_id, *_held(role_guid(role_id), rights, landing)) for role_id in defined.role_ids]
    lacking = [role_id for role_id, holds, _ in found if holds is False]
    if lacking and assigned.principal_ids:
        missing = tuple(MissingRole(_where(assigned, landing), assigned.principal_ids[0], each) for each in lacking)
        mended = "; ".join(each.command for each in missing)
        return RoleFinding(False, f"the assignment's identity lacks its role at {landing}: {mended}", missing)
    unknown = next((why for _, holds, why in found if holds is None), None)
    if unknown or lacking:
        return RoleFinding(None, unknown or "the assignment does not tell the principal of its identity")
    return RoleFinding(True, f"its identity holds the definition's roles at {landing}")


def _held(guid: str, rights: Rights, landing: ResourceId) -> tuple[bool | None, str]:
    """Whether one role is held, and why that is not known."""
    here = [each for each in rights.assignments if each.reaches(landing)]
    plain = {each.role for each in here if not each.conditional}
    holds, why = _allowed(guid, plain, rights.roles)
    if holds is False and any(each.conditional for each in here):
        return None, "a role of the identity has a condition, which only Azure can evaluate"
    return holds, why


def _allowed(guid: str, held: set[str], roles: Mapping[str, Role | Missing | Unread]) -> tuple[bool | None, str]:
    if guid in held or not held:
        return guid in held, ""
    unread = Unread("it has not been read yet")
    wanted = roles.get(guid, unread)
    if not isinstance(wanted, Role):
        return None, f"what role {guid} allows is not known: {told(wanted)}"
    known = [roles.get(each, unread) for each in sorted(held)]
    allowing = tuple(each for other in known if isinstance(other, Role) for each in other.permissions)
    if granted(wanted.permissions, allowing):
        return True, ""
    hidden = next((other for other in known if not isinstance(other, Role)), None)
    return (None, f"what a role of the identity allows is not known: {told(hidden)}") if hidden else (False, "")


def _where(assigned: Assignment, landing: ResourceId) -> str:
    """The assignment's own scope, which serves all its resources, unless the deployment lands outside of it."""
    above = assigned.scope.startswith("/providers/microsoft.management/managementgroups/")
    return assigned.scope if above or f"{landing}/".startswith(f"{assigned.scope}/") else landing.text
