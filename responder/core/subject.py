"""What rules and boundaries are compared with: one event, and what is known about its resource and policy.

What costs something is worked out at most once and only when it is asked for. An absent value (no resource group, no
reference id) is the empty text, which no glob matches.
"""

from collections.abc import Callable

from responder.core.effect import effective_effect
from responder.core.facts import Facts, Unread
from responder.core.policy_state import PolicyStateChange
from responder.core.resource_id import ResourceId


class Subject:
    """One event with its facts, in the words that rules use."""

    __slots__ = (
        *("assignment", "change", "definition", "facts", "id", "location", "management_groups", "reference_id"),
        *("resource", "resource_group", "resource_type", "subscription", "tags", "_bounded", "_effect"),
    )

    def __init__(self, change: PolicyStateChange, facts: Facts) -> None:
        resource = change.resource
        self.change, self.facts = change, facts
        self.resource: ResourceId = resource
        self.id = resource.text
        self.assignment = change.assignment.text
        self.definition = change.definition.text
        self.reference_id = change.reference
        self.location = facts.location
        self.tags = facts.tags
        self.resource_type = resource.type  # such as `microsoft.sql/servers/databases`
        self.resource_group = resource.resource_group or ""  # the group it lies in, or is
        self.subscription = resource.subscription or ""
        read = () if isinstance(facts.management_groups, Unread) else facts.management_groups
        # Those that were read, and the one whose topic told of it.
        self.management_groups: tuple[str, ...] = (*read, change.management_group) if change.management_group else read
        self._effect: str | Unread | None = None
        self._bounded: tuple[bool | None, str] | None = None

    @property
    def effect(self) -> str | Unread:
        """The effective effect, folded."""
        if self._effect is None:
            self._effect = effective_effect(self.facts, self.change.reference, self.facts.location)
        return self._effect

    def bounded(self, work_out: Callable[["Subject"], tuple[bool | None, str]]) -> tuple[bool | None, str]:
        """Whether it lies within the boundary, worked out once: the decision and the preflight both ask."""
        if self._bounded is None:
            self._bounded = work_out(self)
        return self._bounded

    @property
    def more_groups(self) -> Unread | None:
        """Why it may lie in more management groups than are known; None where all of them are."""
        return self.facts.management_groups if isinstance(self.facts.management_groups, Unread) else None
