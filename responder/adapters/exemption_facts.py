"""Policy exemptions, read for a whole subscription at once and remembered.

A list without a filter holds what applies from the management groups above, what lies at the subscription, and what
lies at any group or resource in it (https://learn.microsoft.com/rest/api/policy/policy-exemptions/list). So one list
serves every assignment and every resource there; `$filter=atScope()` would serve one resource only. Which
assignment an exemption is from is compared by us, because how the service compares ids is written nowhere.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from responder.adapters.arm import ArmClients
from responder.adapters.arm_document import read_list
from responder.adapters.arm_error import ArmError
from responder.adapters.remembered import Remembered
from responder.core.exemption import Exemption, exemptions
from responder.core.facts import BadDocument, Missing, Unread
from responder.core.resource_id import ResourceId, resource_id

API_VERSION = "2022-07-01-preview"
MOST_SUBSCRIPTIONS = 500


class ExemptionFacts:
    """What is exempt, by subscription. One per process."""

    def __init__(self, clients: ArmClients, clock: Callable[[], datetime], ttl: timedelta) -> None:
        self._clients = clients
        self._kept: Remembered[str, tuple[Exemption, ...]] = Remembered(self._fetch, clock, ttl, MOST_SUBSCRIPTIONS)

    async def at(self, place: ResourceId) -> tuple[Exemption, ...] | Unread:
        """Every exemption that may cover the place, expired ones too; raises no `ArmError`."""
        if place.subscription is None:
            return Unread(f"{place} lies in no subscription, whose exemptions could be listed")
        found = await self._kept.read(place.subscription)
        return Unread(found.what) if isinstance(found, Missing) else found

    async def _fetch(self, subscription: str) -> tuple[Exemption, ...] | Unread:
        scope = resource_id(f"/subscriptions/{subscription}")
        parameters = {"api-version": API_VERSION}
        try:
            found = await read_list(
                self._clients, "exemptions", scope, "Microsoft.Authorization/policyExemptions", parameters
            )
            return exemptions(found)
        except ArmError as error:
            return Unread(error.what)
        except BadDocument as error:
            return Unread(f"the exemptions of {scope} cannot be understood: {error}")
