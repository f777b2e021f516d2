"""Assignments of a management group, as a subscription below it shows them.

A role at a subscription does not reach up: reading an assignment of a management group by its id may be refused (403).
The list of what applies to the subscription has it all the same: with `$filter=atScope()` it holds what is assigned
at the subscription and above (https://learn.microsoft.com/rest/api/policy/policy-assignments/list). So an app that has
its role at one subscription only can do its work there.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from responder.adapters.arm import ArmClients
from responder.adapters.arm_document import read_list
from responder.adapters.arm_error import ArmError
from responder.adapters.remembered import Remembered
from responder.core.facts import Assignment, BadDocument, Missing, Unread, assignment
from responder.core.resource_id import ResourceId, resource_id

MOST_SUBSCRIPTIONS = 500
_Found = Mapping[ResourceId, Assignment]


class InheritedAssignments:
    """What applies to a subscription, by subscription. One per process."""

    def __init__(self, clients: ArmClients, clock: Callable[[], datetime], ttl: timedelta, version: str) -> None:
        self._clients, self._version = clients, version
        self._kept: Remembered[str, _Found] = Remembered(self._fetch, clock, ttl, MOST_SUBSCRIPTIONS)

    def known(self, named: ResourceId, place: ResourceId | None) -> Assignment | None:
        """The assignment, where a list that is remembered has it; asks nothing."""
        below = _below(named, place)
        return _in(self._kept.known(below), named) if below else None

    async def read(self, named: ResourceId, place: ResourceId | None) -> Assignment | None:
        """The assignment, as the subscription of the place shows it; None where it does not. Raises no `ArmError`."""
        below = _below(named, place)
        return _in(await self._kept.read(below), named) if below else None

    async def _fetch(self, subscription: str) -> _Found | Unread:
        scope = resource_id(f"/subscriptions/{subscription}")
        asked = {"$filter": "atScope()", "api-version": self._version}
        try:
            found = await read_list(
                self._clients, "assignments", scope, "Microsoft.Authorization/policyAssignments", asked
            )
        except (ArmError, BadDocument) as error:
            return Unread(str(error))
        return {each.id: each for each in map(_understood, found) if each is not None}


def _below(named: ResourceId, place: ResourceId | None) -> str | None:
    """The subscription that shows the assignment: the place's, where the assignment lies in none itself."""
    return place.subscription if place is not None and named.subscription is None else None


def _in(found: _Found | Missing | Unread, named: ResourceId) -> Assignment | None:
    return found.get(named) if isinstance(found, Mapping) else None


def _understood(document: Mapping[str, object]) -> Assignment | None:
    """One that cannot be understood is left out: it is none of those that its neighbours are asked for."""
    try:
        return assignment(document)
    except BadDocument:
        return None
