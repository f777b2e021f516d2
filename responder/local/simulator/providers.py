"""Resource providers of a subscription, and the managed identities that stand in it.

https://learn.microsoft.com/rest/api/resources/providers/get; every provider is registered unless the estate says else.
"""

from __future__ import annotations

from responder.local.simulator import scope as ids
from responder.local.simulator.wire import ArmAnswer, ArmRequest, paged
from responder.local.simulator.world import World

_PAGE = 100


def named(path: str) -> tuple[str, str] | None:
    """Subscription and namespace, where a path is that of a provider."""
    match ids.segments(path):
        case [first, subscription, second, namespace] if (first.lower(), second.lower()) == (
            "subscriptions",
            "providers",
        ):
            return subscription, namespace
    return None


def get(world: World, subscription: str, namespace: str) -> ArmAnswer:
    """One provider and whether it is registered."""
    state = world.tenant.registrations.get((subscription.lower(), namespace.lower()), "Registered")
    named_so = f"/subscriptions/{subscription}/providers/{namespace}"
    return ArmAnswer(200, {"id": named_so, "namespace": namespace, "registrationState": state})


def identities(world: World, request: ArmRequest, scope: str) -> ArmAnswer:
    """The user-assigned identities of a subscription or a resource group."""
    every = world.tenant.documents("userassignedidentities")
    page = paged(request, [each for each in every if world.tenant.contains(scope, str(each["id"]))], _PAGE)
    return ArmAnswer(200, {"value": list(page.items)})
