"""Which rules can decide about a policy at all, remembered.

Thousands of events speak of the same few policies. Whether a rule's conditions on assignment, definition,
reference id and resource type hold is the same for all of them, so it is worked out once for each; the rules that
are left are compared in full, in their order. The answer is the same as without; only the way is shorter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from responder.core.block import Block, TextCondition
from responder.core.subject import Subject

MOST_KEPT = 4096
_OF_THE_POLICY = frozenset({"assignment", "definition", "referenceId", "resourceType"})


class Matching(Protocol):
    """What has blocks, one of which must hold; none means that everything matches."""

    @property
    def match(self) -> tuple[Block, ...]:
        """The blocks."""
        ...


@dataclass(slots=True)
class Shortlist:
    """The places of the rules that can still match, by policy and resource type."""

    _kept: dict[tuple[str, str, str, str], tuple[int, ...]] = field(default_factory=dict)

    def of(self, rules: Sequence[Matching], subject: Subject) -> tuple[int, ...]:
        """The places in `rules`, which must be the same rules at every call, in order."""
        policy = (subject.assignment, subject.definition, subject.reference_id, subject.resource_type)
        places = self._kept.get(policy)
        if places is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            places = tuple(place for place, rule in enumerate(rules) if _possible(rule.match, subject))
            self._kept[policy] = places
        return places


def _possible(blocks: tuple[Block, ...], subject: Subject) -> bool:
    return not blocks or any(_policy_holds(block, subject) for block in blocks)


def _policy_holds(block: Block, subject: Subject) -> bool:
    return all(
        condition.holds(subject)
        for condition in block.conditions
        if isinstance(condition, TextCondition) and condition.key in _OF_THE_POLICY
    )
