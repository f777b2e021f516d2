"""The doctor looks at events: whether news of each scope of `within` reaches the app."""

import asyncio

from responder.commands.doctor_azure import TROUBLE, Azure, Topics
from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.doctor_delivery import source_of
from responder.core.doctor_events import of_registration, of_source
from responder.core.doctor_topic_rights import Need, needs_of, of_need, without_identity
from responder.core.resource_id import ResourceId

NAMESPACES = ("Microsoft.PolicyInsights", "Microsoft.EventGrid")


async def look_at_events(azure: Azure) -> list[Finding]:
    """Everything about events."""
    if blocked := await azure.blocked(Section.EVENTS, Check.TOPIC):
        return [blocked]
    sources = tuple(dict.fromkeys(map(source_of, azure.patient.scopes)))
    topics = await azure.topics()
    registered, told, allowed = await asyncio.gather(
        asyncio.gather(*(_registered(azure, each, name) for each in sources for name in NAMESPACES)),
        asyncio.gather(*(_told_of(azure, each, topics) for each in sources)),
        _delivery_rights(azure, topics),
    )
    unread = [_unread(subscription, why) for subscription, why in topics.unread]
    judged = [finding for some in told for finding in some]
    return list(dict.fromkeys([*registered, *unread, *judged, *allowed]))


async def _registered(azure: Azure, source: ResourceId, namespace: str) -> Finding:
    """Of management groups nothing tells which providers are registered."""
    subscription = source.subscription
    if subscription is None:
        return of_registration(namespace, source, "")
    try:
        state = await azure.asked(lambda: azure.health.registration(namespace, subscription))
    except TROUBLE:
        state = ""
    return of_registration(namespace, source, state)


async def _told_of(azure: Azure, source: ResourceId, topics: Topics) -> list[Finding]:
    """A topic that is missing may be among those that could not be read."""
    judged = of_source(source, topics.found, await azure.groups_above(source), azure.delivery)
    return [each for each in judged if not (topics.unread and _lacks_topic(each))]


def _lacks_topic(finding: Finding) -> bool:
    return finding.check is Check.TOPIC and finding.verdict is not Verdict.OK


async def _delivery_rights(azure: Azure, topics: Topics) -> list[Finding]:
    """What the topics that deliver to this app may do by themselves."""
    every = ((each.topic, told) for each in topics.found for told in each.subscriptions)
    ours = [(topic, told) for topic, told in every if azure.delivery.reaches(told)]
    needs = [need for topic, told in ours for need in needs_of(topic, told)]
    return list(await asyncio.gather(*(_delivery_right(azure, need) for need in needs)))


async def _delivery_right(azure: Azure, need: Need) -> Finding:
    if not need.topic.principal:
        return without_identity(need.topic)
    try:
        held = await azure.asked(lambda: azure.health.roles_of(need.topic.principal, need.scope))
    except TROUBLE:
        return of_need(need, None)
    return of_need(need, {each.role for each in held})


def _unread(subscription: str, why: str) -> Finding:
    because = f"The system topics of subscription {subscription} could not be read: {why}."
    mend = f"az eventgrid system-topic list --subscription {subscription} --output table"
    return Finding(Section.EVENTS, Check.TOPIC, Verdict.NOT_CHECKED, because, mend)
