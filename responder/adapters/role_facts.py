"""The roles that an assignment's identity holds, and what they allow; remembered.

`assignedTo('…')` finds what the identity holds itself and through groups, groups in groups included; without
`atScope()` the list has what lies at the subscription, above it and below it
(https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest). So one list serves every
place in a subscription. What roles allow is read only where the very role that is needed is not among them.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from responder.adapters.arm import ArmClients
from responder.adapters.arm_document import read_document, read_list
from responder.adapters.arm_error import ArmError
from responder.adapters.remembered import Remembered
from responder.core.facts import Assignment, BadDocument, Definition, Missing, Unread
from responder.core.resource_id import BadResourceId, ResourceId, resource_id
from responder.core.rights import Rights
from responder.core.role import Role, RoleAssignment, role, role_assignment, role_guid

API_VERSION = "2022-04-01"
MOST_LISTS = 2_000
MOST_ROLES = 1_000


class RoleFacts:
    """Who holds what, by principal and subscription; roles by their guid. One per process."""

    def __init__(self, clients: ArmClients, clock: Callable[[], datetime], ttl: timedelta) -> None:
        self._clients = clients
        self._held: Remembered[tuple[str, str], tuple[RoleAssignment, ...]] = Remembered(
            self._list, clock, ttl, MOST_LISTS
        )
        self._roles: Remembered[tuple[str, str], Role] = Remembered(self._read, clock, ttl, MOST_ROLES)

    async def of(self, assigned: Assignment, defined: Definition, place: ResourceId) -> Rights | Unread:
        """What the comparison of rights needs for a place; raises no `ArmError`."""
        if not defined.role_ids:
            return Rights(())
        if place.subscription is None or not assigned.principal_ids:
            return Unread(
                f"{assigned.id} does not tell the principal of its identity, or {place} lies in no subscription"
            )
        held: list[RoleAssignment] = []
        for principal in assigned.principal_ids:
            found = await self._held.read((principal, place.subscription))
            if not isinstance(found, tuple):
                return Unread(found.what) if isinstance(found, Missing) else found
            held += found
        return Rights(tuple(held), await self._allowing(defined, held, place.subscription))

    async def _allowing(
        self, defined: Definition, held: list[RoleAssignment], subscription: str
    ) -> dict[str, Role | Missing | Unread]:
        wanted = {role_guid(each) for each in defined.role_ids}
        top = resource_id(f"/subscriptions/{subscription}")
        if not held or wanted <= {each.role for each in held if each.reaches(top) and not each.conditional}:
            return {}
        guids = sorted(wanted | {each.role for each in held})
        roles = await asyncio.gather(*(self._roles.read((guid, subscription)) for guid in guids))
        return dict(zip(guids, roles, strict=True))

    async def _list(self, key: tuple[str, str]) -> tuple[RoleAssignment, ...] | Unread:
        principal, subscription = key
        quoted = principal.replace("'", "''")
        parameters = {"api-version": API_VERSION, "$filter": f"assignedTo('{quoted}')"}
        scope = resource_id(f"/subscriptions/{subscription}")
        try:
            found = await read_list(
                self._clients, "the role assignments", scope, "Microsoft.Authorization/roleAssignments", parameters
            )
            return tuple(role_assignment(each) for each in found)
        except ArmError as error:
            return Unread(error.what)
        except BadDocument as error:
            return Unread(f"the role assignments at {scope} cannot be understood: {error}")

    async def _read(self, key: tuple[str, str]) -> Role | Missing | Unread:
        guid, subscription = key
        try:
            named = resource_id(
                f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
            )
            return role(await read_document(self._clients, "the role", named, API_VERSION))
        except ArmError as error:
            return Missing(f"role {guid} does not exist") if error.gone else Unread(error.what)
        except (BadDocument, BadResourceId) as error:
            return Unread(f"role {guid} cannot be understood: {error}")
