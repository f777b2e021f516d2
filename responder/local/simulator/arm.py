"""The URLs: which path of Resource Manager is answered by which service.

A path is a scope of any depth, the last `/providers/` of a service played here, and what is asked of it. All of it
is compared without case, because Resource Manager does.
"""

from __future__ import annotations

from dataclasses import dataclass

from responder.local.simulator import authorization, event_grid, policy_states, providers, refusal, remediations
from responder.local.simulator import scope as ids
from responder.local.simulator.refusal import Refusal
from responder.local.simulator.tenant import COLLECTIONS
from responder.local.simulator.wire import ArmAnswer, ArmRequest
from responder.local.simulator.world import World

_SERVICES = frozenset(
    {"microsoft.authorization", "microsoft.policyinsights", "microsoft.eventgrid", "microsoft.managedidentity"}
)
_AUTHORIZATION = frozenset(name for name, kind in COLLECTIONS.items() if kind.startswith("Microsoft.Authorization/"))


@dataclass(frozen=True, slots=True)
class Address:
    """A path taken apart: scope, then folded service and collection, then the rest in its own case."""

    scope: str
    service: str
    collection: str
    rest: tuple[str, ...]


def address_of(path: str) -> Address | None:
    """Take a decoded path apart; None where no service of ours is asked."""
    parts = ids.segments(path)
    for index in range(len(parts) - 3, -1, -1):
        if parts[index].lower() == "providers" and parts[index + 1].lower() in _SERVICES:
            scope = "/" + "/".join(parts[:index])
            return Address(scope, parts[index + 1].lower(), parts[index + 2].lower(), tuple(parts[index + 3 :]))
    return None


def answer(world: World, request: ArmRequest) -> ArmAnswer:
    """What the service behind the path says; a refusal is an answer too."""
    try:
        return _answered(world, request)
    except Refusal as no:
        return ArmAnswer(no.status, {"error": {"code": no.code, "message": no.message}})


def _answered(world: World, request: ArmRequest) -> ArmAnswer:
    if not request.api_version:
        raise refusal.no_api_version()
    if provider := providers.named(request.path):
        return providers.get(world, *provider)
    address = address_of(request.path)
    if address is None:
        raise refusal.no_such_path(request.path)
    if address.service == "microsoft.authorization":
        return _authorization(world, request, address)
    if address.service == "microsoft.managedidentity":
        return providers.identities(world, request, address.scope)
    if address.service == "microsoft.eventgrid":
        return _event_grid(world, request, address)
    if address.collection == "remediations":
        return _remediations(world, request, address)
    return _policy_states(world, request, address)


def _authorization(world: World, request: ArmRequest, address: Address) -> ArmAnswer:
    match request.method, address.rest:
        case "GET", () if address.collection == "permissions":
            return authorization.permissions(world, address.scope)
        case "GET", () if address.collection in _AUTHORIZATION:
            return authorization.list_at(world, request, address.scope, address.collection)
        case "GET", (name,) if address.collection in _AUTHORIZATION:
            return authorization.get(world, address.scope, address.collection, name)
    raise refusal.no_such_path(request.path)


def _event_grid(world: World, request: ArmRequest, address: Address) -> ArmAnswer:
    match request.method, address.collection, tuple(part.lower() for part in address.rest):
        case "GET", "systemtopics", ():
            return event_grid.topics(world, request, address.scope)
        case "GET", "systemtopics", (name, "eventsubscriptions"):
            return event_grid.subscriptions(world, request, address.scope, name)
    raise refusal.no_such_path(request.path)


def _remediations(world: World, request: ArmRequest, address: Address) -> ArmAnswer:
    scope, folded = address.scope, tuple(part.lower() for part in address.rest[1:])
    match request.method, address.rest[:1], folded:
        case "GET", (), ():
            return remediations.list_at(world, request, scope)
        case "PUT", (name,), ():
            return remediations.put(world, request, scope, name)
        case "GET", (name,), ():
            return remediations.get(world, request, scope, name)
        case "DELETE", (name,), ():
            return remediations.delete(world, request, scope, name)
        # The first page is asked for with POST; the SDKs follow the next link with GET.
        case "POST" | "GET", (name,), ("listdeployments",):
            return remediations.list_deployments(world, request, scope, name)
        case "POST", (name,), ("cancel",):
            return remediations.cancel(world, request, scope, name)
    raise refusal.no_such_path(request.path)


def _policy_states(world: World, request: ArmRequest, address: Address) -> ArmAnswer:
    folded = tuple(part.lower() for part in address.rest)
    match request.method, address.collection, folded:
        case "POST" | "GET", "policystates", ("default" | "latest" as which, "queryresults"):
            return policy_states.query_results(world, request, address.scope, which)
        case "POST", "policystates", ("latest", "triggerevaluation"):
            return policy_states.trigger_evaluation(world, request, address.scope)
        case "GET", "asyncoperationresults", (_,):
            return policy_states.operation_result(world, request)
    raise refusal.no_such_path(request.path)
