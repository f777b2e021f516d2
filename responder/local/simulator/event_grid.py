"""Microsoft.EventGrid: system topics and their event subscriptions, as they were put in. Nothing is delivered by them.

Shapes as in Azure/azure-rest-api-specs, eventgrid 2022-06-15, SystemTopics_ListBySubscription and
SystemTopicEventSubscriptions_Get.
"""

from __future__ import annotations

from responder.local.simulator import refusal
from responder.local.simulator import scope as ids
from responder.local.simulator.documents import Json
from responder.local.simulator.wire import ArmAnswer, ArmRequest, paged
from responder.local.simulator.world import World

_PAGE = 20


def topics(world: World, request: ArmRequest, scope: str) -> ArmAnswer:
    """The system topics that lie in a subscription or a resource group."""
    found = [each for each in world.tenant.documents("systemtopics") if world.tenant.contains(scope, str(each["id"]))]
    return _page(request, found)


def subscriptions(world: World, request: ArmRequest, group: str, topic: str) -> ArmAnswer:
    """The event subscriptions of one system topic."""
    named = f"{group}/providers/Microsoft.EventGrid/systemTopics/{topic}"
    if world.tenant.document("systemtopics", named) is None:
        raise refusal.not_found("systemtopics", named)
    below = f"{ids.key(named)}/eventsubscriptions/"
    every = world.tenant.documents("eventsubscriptions")
    return _page(request, [each for each in every if ids.key(str(each["id"])).startswith(below)])


def _page(request: ArmRequest, found: list[Json]) -> ArmAnswer:
    page = paged(request, found, _PAGE)
    body: Json = {"value": list(page.items)}
    return ArmAnswer(200, {**body, "nextLink": page.next_link} if page.next_link else body)
