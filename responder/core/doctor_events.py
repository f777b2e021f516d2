"""The doctor on events: whether news of every scope reaches this app, whole, and what happens to what does not.

A source has one system topic (https://learn.microsoft.com/azure/event-grid/system-topics). One of a management group
tells of all that lies below it; which groups a subscription lies in is read from its policy states.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.doctor_delivery import (
    SCHEMAS,
    TYPES,
    Delivery,
    register_command,
    replaces,
    subscription_command,
    topic_command,
)
from responder.core.event_subscription import AdvancedFilter, EventSubscription, SystemTopic
from responder.core.resource_id import ResourceId

_STATE = "data.compliancestate"
_ON_THE_WAY = ("Creating", "Updating")


@dataclass(frozen=True, slots=True)
class Topic:
    """A system topic and what hangs on it; `unread` says why that is not known."""

    topic: SystemTopic
    subscriptions: tuple[EventSubscription, ...] = ()
    unread: str = ""


def of_registration(namespace: str, source: ResourceId, state: str) -> Finding:
    """Whether a resource provider is registered; `state` is empty where nothing tells."""
    command = register_command(namespace, source)
    if not state:
        because = f"Nothing tells whether {namespace} is registered at {source}; registering it again changes nothing."
        return Finding(Section.EVENTS, Check.PROVIDERS, Verdict.NOT_CHECKED, because, command)
    if state.lower() != "registered":
        because = f"{namespace} is not registered at {source} ({state}): no policy event is sent."
        return Finding(Section.EVENTS, Check.PROVIDERS, Verdict.WRONG, because, command)
    return Finding(Section.EVENTS, Check.PROVIDERS, Verdict.OK, f"{namespace} is registered at {source}.")


def of_source(
    source: ResourceId, topics: Collection[Topic], groups: Collection[str] | None, delivery: Delivery
) -> Iterator[Finding]:
    """Whether a source of `within` is told of. `groups`: the management groups above it, `None` where not known."""
    covering = [each for each in topics if _covers(each.topic, source, groups)]
    if not covering:
        yield _without_topic(source, topics, groups, delivery)
        return
    for each in covering:
        yield _topic(source, each.topic)
        yield from _delivered(each, delivery)


def _covers(topic: SystemTopic, source: ResourceId, groups: Collection[str] | None) -> bool:
    above = {f"/providers/microsoft.management/managementgroups/{name.lower()}" for name in groups or ()}
    return topic.source == source.text or topic.source in above


def _without_topic(
    source: ResourceId, topics: Collection[Topic], groups: Collection[str] | None, delivery: Delivery
) -> Finding:
    command = topic_command(source, delivery.place)
    working = [each.topic.source for each in topics if any(map(delivery.reaches, each.subscriptions))]
    above = [each for each in working if each.startswith("/providers/")]
    if source.subscription is not None and above and groups is None:
        because = f"{source} has no system topic; whether it lies below {', '.join(above)} is not known."
        return Finding(Section.EVENTS, Check.TOPIC, Verdict.NOT_CHECKED, because, command)
    if source.subscription is None and working:
        because = f"{source} has no system topic: only what {', '.join(working)} tell is heard."
        return Finding(Section.EVENTS, Check.TOPIC, Verdict.WARNING, because, command)
    because = f"No system topic tells of {source}: no event comes, and nothing is remediated."
    return Finding(Section.EVENTS, Check.TOPIC, Verdict.WRONG, because, command)


def _topic(source: ResourceId, topic: SystemTopic) -> Finding:
    if topic.state not in ("Succeeded", ""):
        because = f"The system topic {topic.id} is {topic.state}."
        mend = (
            f"az eventgrid system-topic show --name {topic.id.name} --resource-group {topic.id.resource_group} "
            f"--subscription {topic.id.subscription}"
        )
        return Finding(Section.EVENTS, Check.TOPIC, Verdict.WARNING, because, mend)
    return Finding(Section.EVENTS, Check.TOPIC, Verdict.OK, f"{topic.id} tells of {source}.")


def _delivered(each: Topic, delivery: Delivery) -> Iterator[Finding]:
    command = subscription_command(each.topic, delivery)
    if each.unread:
        look = (
            f"az eventgrid system-topic event-subscription list --system-topic-name {each.topic.id.name} "
            f"--resource-group {each.topic.id.resource_group} --subscription {each.topic.id.subscription}"
        )
        because = f"The event subscriptions of {each.topic.id} could not be read: {each.unread}."
        yield Finding(Section.EVENTS, Check.SUBSCRIPTION, Verdict.NOT_CHECKED, because, look)
        return
    ours = [told for told in each.subscriptions if delivery.reaches(told)]
    if not ours:
        because = f"No event subscription of {each.topic.id} delivers to this app."
        yield Finding(Section.EVENTS, Check.SUBSCRIPTION, Verdict.WRONG, because, command)
    for told in ours:
        yield from _judged(each.topic, told, delivery)
    if len(ours) > 1:
        names = ", ".join(told.name for told in ours)
        because = f"{names} all deliver to this app: every event comes more than once, which only costs."
        yield Finding(Section.EVENTS, Check.SUBSCRIPTION, Verdict.WARNING, because, _delete(each.topic, ours[-1]))


def _delete(topic: SystemTopic, told: EventSubscription) -> str:
    return (
        f"az eventgrid system-topic event-subscription delete --name {told.name} --system-topic-name {topic.id.name} "
        f"--resource-group {topic.id.resource_group} --subscription {topic.id.subscription}"
    )


def _mended(topic: SystemTopic, told: EventSubscription, delivery: Delivery) -> str:
    """One under another name goes after the new one is there: what comes twice harms nobody, what never comes does."""
    command, delete = subscription_command(topic, delivery, told), _delete(topic, told)
    if told.schema not in ("", *SCHEMAS):
        return f"{delete}\n{command}"
    return command if replaces(delivery, told) else f"{command}\n{delete}"


def _judged(topic: SystemTopic, told: EventSubscription, delivery: Delivery) -> Iterator[Finding]:
    mend = _mended(topic, told, delivery)
    faults = (*_state(told), *_types(told), *_filters(told), *_undelivered(told, delivery), *_form(told))
    for verdict, because in faults:
        sentence = f"Event subscription {told.name} of {topic.id.name} {because}."
        yield Finding(Section.EVENTS, Check.SUBSCRIPTION, verdict, sentence, mend)
    if not faults:
        because = f"Event subscription {told.name} of {topic.id.name} delivers all policy events to this app."
        yield Finding(Section.EVENTS, Check.SUBSCRIPTION, Verdict.OK, because)


_Faults = Iterator[tuple[Verdict, str]]


def _state(told: EventSubscription) -> _Faults:
    if told.state in _ON_THE_WAY:
        yield Verdict.WARNING, f"is still {told.state}"
    elif told.state not in ("Succeeded", ""):
        yield Verdict.WRONG, f"is {told.state} and delivers nothing"


def _types(told: EventSubscription) -> _Faults:
    missing = [each for each in TYPES if told.types and each.lower() not in told.types]
    if missing:
        yield Verdict.WRONG, f"leaves out {', '.join(missing)}"


def _filters(told: EventSubscription) -> _Faults:
    if told.begins or told.ends:
        parts = (("begins", told.begins), ("ends", told.ends))
        where = " and ".join(f"{how} with {text}" for how, text in parts if text)
        yield Verdict.WARNING, f"delivers only events whose subject {where}"
    for each in told.advanced:
        yield _advanced(each)


def _advanced(each: AdvancedFilter) -> tuple[Verdict, str]:
    if each.key.lower() != _STATE:
        return Verdict.WARNING, f"filters by {each.key} ({each.operator} {', '.join(each.values)}) and hides the others"
    listed = "noncompliant" in {value.lower() for value in each.values}
    if listed is ("not" in each.operator.lower()):
        return Verdict.WRONG, "hides NonCompliant events, the very news that this app is for"
    return Verdict.WARNING, "hides Compliant events: every verification waits for its first look at the states"


def _undelivered(told: EventSubscription, delivery: Delivery) -> _Faults:
    if not told.dead_letters:
        yield Verdict.WRONG, "has no dead letters: what cannot be delivered for a day is lost without a word"
    elif not delivery.finds(told):
        where = f"{told.dead_letters} of {told.dead_letter_account}"
        yield Verdict.WARNING, f"puts dead letters into {where}, where redrive does not look"
    if told.attempts < 30 or told.minutes < 1440:
        yield Verdict.WARNING, f"gives up after {told.attempts} attempts or {told.minutes} minutes"


def _form(told: EventSubscription) -> _Faults:
    if told.schema not in ("", *SCHEMAS):
        yield Verdict.WRONG, f"delivers as {told.schema}, which the app does not read"
    if told.expires:
        yield Verdict.WARNING, f"ends by itself at {told.expires}"
