"""Which earlier blocks may cover a block at all, found without trying each.

A glob can only cover texts that begin and end as it does. So every block is filed under the key and the literal
ends of one of its conditions, and looked for under the ends that a later block's conditions have.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from responder.core.block import Block, Condition, TagCondition, TextCondition

_Ends = tuple[str, int, int]  # the key, how long the beginning is, and the end


@dataclass(slots=True)
class Candidates:
    """Blocks of earlier rules, each with the place of its rule."""

    _everything: list[tuple[int, Block]] = field(default_factory=list)
    _lengths: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    _filed: dict[tuple[_Ends, str, str], list[tuple[int, Block]]] = field(default_factory=dict)

    def add(self, place: int, block: Block) -> None:
        """File one block."""
        if not block.conditions:
            self._everything.append((place, block))
            return
        key, texts = max(map(_sought, block.conditions), key=_telling)
        for text in texts:
            head, tail = _ends(text)
            self._lengths.setdefault(key, set()).add((len(head), len(tail)))
            self._filed.setdefault(((key, len(head), len(tail)), head, tail), []).append((place, block))

    def of(self, block: Block) -> Iterator[tuple[int, Block]]:
        """Every filed block that may cover this one, in no order."""
        yield from self._everything
        for condition in block.conditions:
            key, (text, *_) = _sought(condition)
            for head, tail in self._lengths.get(key, ()):
                ends = text[:head], text[len(text) - tail :]
                yield from self._filed.get(((key, head, tail), *ends), ())


def _ends(text: str) -> tuple[str, str]:
    return text.partition("*")[0], text.rpartition("*")[2]


def _telling(sought: tuple[str, tuple[str, ...]]) -> int:
    """How much the ends of the least telling text tell."""
    return min(sum(map(len, _ends(text))) for text in sought[1])


def _sought(condition: Condition) -> tuple[str, tuple[str, ...]]:
    """What a condition is filed under: its key, and its texts; a tag that may be absent has any text."""
    if isinstance(condition, TagCondition):
        texts = condition.globs.texts if condition.globs and not condition.absent else ("*",)
        return f"tags.{condition.name}", texts
    return condition.key if isinstance(condition, TextCondition) else "managementGroup", condition.globs.texts
