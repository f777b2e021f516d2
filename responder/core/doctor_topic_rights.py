"""The doctor on what a system topic may do: put events on the app's queue, and dead letters into its container.

Where the topic's own identity does that, a role that it lacks shows nowhere: events that cannot be delivered, or not
even buried, are dropped (https://learn.microsoft.com/azure/event-grid/managed-service-identity).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.doctor_rights import Holder, role_command
from responder.core.event_subscription import EventSubscription, SystemTopic
from responder.core.resource_id import ResourceId, resource_id

# The guids of built-in roles: learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage
_BLOBS = (
    "Storage Blob Data Contributor",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
)
_QUEUES = (
    "Storage Queue Data Message Sender",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
)


@dataclass(frozen=True, slots=True)
class Need:
    """One role that a topic's identity needs: that one, or a wider one, by their guids."""

    topic: SystemTopic
    role: str
    guids: tuple[str, ...]
    scope: ResourceId


def needs_of(topic: SystemTopic, told: EventSubscription) -> Iterator[Need]:
    """What the identity of a topic needs for one event subscription."""
    if told.buries_itself and told.dead_letters:
        container = f"{told.dead_letter_storage}/blobservices/default/containers/{told.dead_letters}"
        yield Need(topic, _BLOBS[0], _BLOBS[1:], resource_id(container))
    if told.delivers_itself and told.kind == "storagequeue":
        queue = f"{told.target}/queueservices/default/queues/{told.queue}"
        yield Need(topic, _QUEUES[0], _QUEUES[1:], resource_id(queue))


def without_identity(topic: SystemTopic) -> Finding:
    """The topic is to do something itself and has no identity to do it with."""
    because = f"The system topic {topic.id} has no identity: what it is to deliver, or to bury, by itself is dropped."
    mend = (
        f"az eventgrid system-topic update --name {topic.id.name} --resource-group {topic.id.resource_group} "
        f"--subscription {topic.id.subscription} --identity systemassigned"
    )
    return Finding(Section.EVENTS, Check.DELIVERY, Verdict.WRONG, because, mend)


def of_need(need: Need, held: Collection[str] | None) -> Finding:
    """Whether the role is held, by the guids of those that are; `None` where they could not be read."""
    holder = Holder(f"the identity of {need.topic.id.name}", need.topic.principal)
    mend = role_command(holder, need.role, need.scope.text)
    if held is None:
        because = f"Whether {holder.told} holds {need.role} at {need.scope} could not be read."
        return Finding(Section.EVENTS, Check.DELIVERY, Verdict.NOT_CHECKED, because, mend)
    if any(guid in held for guid in need.guids):
        because = f"{need.topic.id.name} may write to {need.scope.name}."
        return Finding(Section.EVENTS, Check.DELIVERY, Verdict.OK, because)
    if held:
        because = f"Whether other roles of {holder.told} allow what {need.role} does at {need.scope} is not known."
        return Finding(Section.EVENTS, Check.DELIVERY, Verdict.NOT_CHECKED, because, mend)
    because = f"{need.topic.id.name} may not write to {need.scope.name}: its identity lacks {need.role} there."
    return Finding(Section.EVENTS, Check.DELIVERY, Verdict.WRONG, because, mend)
