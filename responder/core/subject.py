"""What rules and boundaries are compared with: one event, and what is known about its resource and policy.

Each value is worked out at most once and only when a rule asks for it. An absent value (no resource group, no
reference id) is the empty text, which no glob matches.
"""

from functools import cached_property

from responder.core.effect import effective_effect
from responder.core.facts import Facts, Unread
from responder.core.policy_state import PolicyStateChange
from responder.core.resource_id import ResourceId


class Subject:
    """One event with its facts, in the words that rules use."""

    def __init__(self, change: PolicyStateChange, facts: Facts) -> None:
        self.change, self.facts = change, facts
        self.resource: ResourceId = change.resource
        self.id = change.resource.text
        self.assignment = change.assignment.text
        self.definition = change.definition.text
        self.reference_id = change.reference
        self.location = facts.location
        self.tags = facts.tags

    @cached_property
    def effect(self) -> str | Unread:
        """The effective effect, folded."""
        return effective_effect(self.facts, self.change.reference, self.facts.location)

    @cached_property
    def resource_type(self) -> str:
        """Such as `microsoft.sql/servers/databases`."""
        return self.resource.type

    @cached_property
    def resource_group(self) -> str:
        """The name of the resource group it lies in, or is; "" outside one."""
        return self.resource.resource_group or ""

    @cached_property
    def subscription(self) -> str:
        """The id of its subscription."""
        return self.resource.subscription or ""

    @cached_property
    def management_groups(self) -> tuple[str, ...]:
        """The management groups it is known to lie in: those that were read, and the one whose topic told of it."""
        read = () if isinstance(self.facts.management_groups, Unread) else self.facts.management_groups
        return (*read, self.change.management_group) if self.change.management_group else read

    @property
    def more_groups(self) -> Unread | None:
        """Why it may lie in more management groups than are known; None where all of them are."""
        return self.facts.management_groups if isinstance(self.facts.management_groups, Unread) else None
