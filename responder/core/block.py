"""Blocks of `match` and `unless`: conditions on one event, three-valued.

Within a block all conditions must hold, of several blocks one is enough. A condition on something unread is
neither true nor false: `None`. Each condition can say in words what it found, from the same values that decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from responder.core.facts import Unread
from responder.core.folding import fold
from responder.core.glob import Globs
from responder.core.subject import Subject

ATTRIBUTES = {
    "assignment": "assignment",
    "definition": "definition",
    "referenceId": "reference_id",
    "effect": "effect",
    "resource": "id",
    "resourceType": "resource_type",
    "resourceGroup": "resource_group",
    "subscription": "subscription",
    "location": "location",
}
"""The keys that are compared with one text, and where a subject keeps it."""


@dataclass(frozen=True, slots=True)
class TextCondition:
    """One key compared with one text."""

    key: str
    attribute: str
    globs: Globs

    def holds(self, subject: Subject) -> bool | None:
        """Whether the text matches."""
        value = getattr(subject, self.attribute)
        if isinstance(value, Unread):
            return None
        return value != "" and self.globs.match(value)

    def found(self, subject: Subject) -> str:
        """What was found."""
        value = getattr(subject, self.attribute)
        if isinstance(value, Unread):
            return f"{self.key} is not known ({value.why})"
        if value == "":
            return f"it has no {self.key}"
        if value in self.globs.literals:
            return f"{self.key} is {value}"
        return f"{self.key} {value} {'is like' if self.globs.match(value) else 'is not'} {self.globs}"


@dataclass(frozen=True, slots=True)
class GroupCondition:
    """`managementGroup`, compared with the names of every management group above the resource."""

    globs: Globs

    def holds(self, subject: Subject) -> bool | None:
        """Whether one of them matches."""
        if any(map(self.globs.match, subject.management_groups)):
            return True
        return None if subject.more_groups else False

    def found(self, subject: Subject) -> str:
        """What was found."""
        told = self.holds(subject)
        if told is None:
            return f"managementGroup is not known ({subject.more_groups.why if subject.more_groups else ''})"
        return f"it lies {'' if told else 'not '}below management group {self.globs}"


@dataclass(frozen=True, slots=True)
class TagCondition:
    """One tag. Without globs the tag must be absent; with both, it must be absent or match."""

    name: str
    globs: Globs | None
    absent: bool

    def holds(self, subject: Subject) -> bool | None:
        """Whether the tag is as wanted."""
        if isinstance(subject.tags, Unread):
            return None
        value = subject.tags.get(self.name)
        if value is None:
            return self.absent
        return self.globs is not None and self.globs.match(fold(value))

    def found(self, subject: Subject) -> str:
        """What was found."""
        if isinstance(subject.tags, Unread):
            return f"tags are not known ({subject.tags.why})"
        value = subject.tags.get(self.name)
        shown = f"it has no tag {self.name}" if value is None else f"tag {self.name} is {value!r}"
        return shown if self.holds(subject) else f"{shown}, not {self._wanted()}"

    def _wanted(self) -> str:
        wanted = [str(self.globs)] if self.globs else []
        return " or ".join([*wanted, "absent"] if self.absent else wanted)


Condition = TextCondition | GroupCondition | TagCondition


@dataclass(frozen=True, slots=True)
class Block:
    """Conditions that must all hold, cheapest and surest first."""

    conditions: tuple[Condition, ...]

    def holds(self, subject: Subject) -> bool | None:
        """False as soon as one is false, else None where one is not known."""
        told: bool | None = True
        for condition in self.conditions:
            one = condition.holds(subject)
            if one is False:
                return False
            if one is None:
                told = None
        return told

    def found(self, subject: Subject) -> str:
        """What decided: the first condition that failed, else the first unknown one, else all of them."""
        told = self.holds(subject)
        if told:
            return " and ".join(condition.found(subject) for condition in self.conditions)
        return next(each.found(subject) for each in self.conditions if each.holds(subject) is told)


def any_holds(blocks: Sequence[Block], subject: Subject) -> bool | None:
    """True as soon as one block holds, else None where one is not known."""
    told: bool | None = False
    for block in blocks:
        one = block.holds(subject)
        if one:
            return True
        if one is None:
            told = None
    return told


def any_found(blocks: Sequence[Block], subject: Subject) -> str:
    """What decided: the block that holds, else the first unknown one, else each block's failure."""
    if len(blocks) == 1:
        return blocks[0].found(subject)
    told = any_holds(blocks, subject)
    if told is False:
        return "; ".join(block.found(subject) for block in blocks)
    return next(block.found(subject) for block in blocks if block.holds(subject) is told)
