"""Assignments, definitions and initiatives, read from Resource Manager and remembered for ten minutes.

The door asks `known`, which never waits; confirm asks `about`, and `around` for what stands in the way of one place.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from responder.adapters.arm import ArmClients
from responder.adapters.arm_document import read_document
from responder.adapters.arm_error import ArmError
from responder.adapters.exemption_facts import ExemptionFacts
from responder.adapters.inherited_assignments import InheritedAssignments
from responder.adapters.remembered import Remembered
from responder.adapters.role_facts import RoleFacts
from responder.core.facts import (
    Assignment,
    BadDocument,
    Definition,
    Initiative,
    Missing,
    Surroundings,
    Unread,
    assignment,
    definition,
    initiative,
)
from responder.core.resource_id import BadResourceId, ResourceId, resource_id

# The version that azure-mgmt-resource-policy 1.0.0 speaks; a test holds the two together.
API_VERSION = "2026-06-01"
MOST_ENTRIES = 5_000
_NO_ASSIGNMENT = Unread("its assignment is not known")
_T = TypeVar("_T")
Facts = tuple[Assignment | Missing | Unread, Definition | Missing | Unread, Initiative | Missing | Unread | None]


class PolicyFacts:
    """What is known of policies, by id. One per process."""

    def __init__(
        self,
        clients: ArmClients,
        clock: Callable[[], datetime],
        ttl: timedelta = timedelta(minutes=10),
        most: int = MOST_ENTRIES,
    ) -> None:
        self._clock = clock
        self._assignments = Remembered(_reader(clients, "the assignment", assignment), clock, ttl, most)
        self._definitions = Remembered(_reader(clients, "the definition", definition), clock, ttl, most)
        self._initiatives = Remembered(_reader(clients, "the initiative", initiative), clock, ttl, most)
        self._inherited = InheritedAssignments(clients, clock, ttl, API_VERSION)
        self._exemptions = ExemptionFacts(clients, clock, ttl)
        self._roles = RoleFacts(clients, clock, ttl)

    async def about(
        self,
        assignment: ResourceId,
        definition: ResourceId,
        reference: str,  # noqa: ARG002 - a policy is named by all three; today no read needs this one
        place: ResourceId | None = None,
    ) -> Facts:
        """All that a decision needs of the policies of one event; reads what is not known, raises no `ArmError`.

        `place` is what the event is about: its subscription shows assignments that may not be read where they are.
        """
        assigned, defined = await asyncio.gather(self._assigned(assignment, place), self._definitions.read(definition))
        grouped = _initiative_of(assigned)
        return assigned, defined, await self._initiatives.read(grouped) if isinstance(grouped, ResourceId) else grouped

    async def around(
        self, assigned: Assignment | Missing | Unread, defined: Definition | Missing | Unread, place: ResourceId
    ) -> Surroundings:
        """What is exempt around a place, and which roles the assignment's identity holds; never read at the door."""
        if not isinstance(assigned, Assignment):
            return Surroundings(as_of=self._clock())
        if not isinstance(defined, Definition):
            return Surroundings(await self._exemptions.at(place), as_of=self._clock())
        exempt, rights = await asyncio.gather(self._exemptions.at(place), self._roles.of(assigned, defined, place))
        return Surroundings(exempt, rights, self._clock())

    def known(
        self,
        assignment: ResourceId,
        definition: ResourceId,
        reference: str,  # noqa: ARG002
        place: ResourceId | None = None,
    ) -> Facts:
        """The same from memory alone, at once; what is not remembered is `Unread`."""
        assigned = self._inherited.known(assignment, place) or self._assignments.known(assignment)
        defined = self._definitions.known(definition)
        grouped = _initiative_of(assigned)
        return assigned, defined, self._initiatives.known(grouped) if isinstance(grouped, ResourceId) else grouped

    async def _assigned(self, named: ResourceId, place: ResourceId | None) -> Assignment | Missing | Unread:
        if shown := self._inherited.known(named, place):
            return shown  # it was refused where it is: no need to be refused again
        read = await self._assignments.read(named)
        if not isinstance(read, Unread) or not read.forbidden:
            return read
        return await self._inherited.read(named, place) or read


def _initiative_of(assigned: Assignment | Missing | Unread) -> ResourceId | Unread | None:
    """The initiative that is assigned; None where the assignment assigns a single policy."""
    if not isinstance(assigned, Assignment):
        return _NO_ASSIGNMENT
    if "/policysetdefinitions/" not in assigned.definition_id:
        return None
    try:
        return resource_id(assigned.definition_id)
    except BadResourceId as error:
        return Unread(f"the assignment's initiative id cannot be read: {error}")


def _reader(
    clients: ArmClients, kind: str, reader: Callable[[Mapping[str, object]], _T]
) -> Callable[[ResourceId], Awaitable[_T | Missing | Unread]]:
    """A read of one kind of document that raises nothing."""

    async def fetch(named: ResourceId) -> _T | Missing | Unread:
        try:
            return reader(await read_document(clients, kind, named, API_VERSION))
        except ArmError as error:
            return Missing(f"{kind} {named} does not exist") if error.gone else Unread(error.what, error.forbidden)
        except BadDocument as error:
            return Unread(f"{kind} {named} cannot be understood: {error}")

    return fetch
