"""Which rules can decide about an event at all: found by what their conditions name, not by trying each.

Every block of every rule is one bit. For each key there is an index that gives, for a value, the blocks whose
condition on that key may hold; what all indexes agree on is left, in the order of the rules, and only that is
compared in full. Values repeat (policies, types, groups, subscriptions), so their answers are remembered; a
resource's own id does not, and is first looked through for the longest fixed part of each glob. The answer is
the same as without; only the way is shorter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from responder.core.block import Block, TextCondition
from responder.core.facts import Unread
from responder.core.glob import Globs
from responder.core.subject import Subject

MOST_KEPT = 4096


class Matching(Protocol):
    """What has blocks, one of which must hold; none means that everything matches."""

    @property
    def match(self) -> tuple[Block, ...]:
        """The blocks."""
        ...


@dataclass(slots=True)
class KeyIndex:
    """The blocks that may hold for a value of one key. `free`: those that ask nothing of it."""

    attribute: str
    free: int
    asked: list[tuple[int, Globs]]
    _exact: dict[str, int] = field(default_factory=dict)
    _wild: list[tuple[int, tuple[str, ...], Globs]] = field(default_factory=list)
    _kept: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for bit, globs in self.asked:
            for text in globs.literals:
                self._exact[text] = self._exact.get(text, 0) | bit
            if fixed := globs.fixed_parts:
                self._wild.append((bit, fixed, globs))

    def of(self, subject: Subject) -> int:
        """The blocks that may hold; all of them where the value is not known."""
        value = getattr(subject, self.attribute)
        if isinstance(value, Unread):
            return -1
        kept = self._kept.get(value)
        if kept is None:
            kept = self._found(value)
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[value] = kept
        return kept

    def _found(self, value: str) -> int:
        found = self.free | self._exact.get(value, 0)
        if value:
            for bit, fixed, globs in self._wild:
                if any(part in value for part in fixed) and globs.match(value):
                    found |= bit
        return found


class Shortlist:
    """The places of the rules that can still match. Made for one list of rules, at the first event."""

    def __init__(self) -> None:
        self._rules: Sequence[Matching] | None = None
        self._places: list[int] = []
        self._indexes: list[KeyIndex] = []

    def of(self, rules: Sequence[Matching], subject: Subject) -> Iterator[int]:
        """The places in `rules`, in order."""
        if self._rules is not rules:
            self._index(rules)
        left = -1
        for index in self._indexes:
            left &= index.of(subject)
        left &= (1 << len(self._places)) - 1
        last = -1
        while left:
            bit = left & -left
            left ^= bit
            place = self._places[bit.bit_length() - 1]
            if place != last:
                yield place
            last = place

    def _index(self, rules: Sequence[Matching]) -> None:
        blocks = [(place, block) for place, rule in enumerate(rules) for block in (rule.match or (None,))]
        asked: dict[str, list[tuple[int, Globs]]] = {}
        for number, (_, block) in enumerate(blocks):
            for condition in block.conditions if block else ():
                if isinstance(condition, TextCondition):
                    asked.setdefault(condition.attribute, []).append((1 << number, condition.globs))
        self._places = [place for place, _ in blocks]
        everything = (1 << len(blocks)) - 1
        self._indexes = [
            KeyIndex(attribute, everything & ~sum({bit for bit, _ in conditions}), conditions)
            for attribute, conditions in sorted(asked.items(), key=lambda item: item[0] == "id")
        ]
        self._rules = rules
