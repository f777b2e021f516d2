"""The checks that are the same for every resource of a policy, worked out once.

Thousands of events speak of the same few policies. What depends only on the assignment, the definition, the
initiative and the rule's settings is remembered for as long as those very values are the ones in hand; they are kept
beside the answer, so that their identity stays theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from responder.core.check import Check

MOST_KEPT = 4096
Checks = tuple[Check, ...]


@dataclass(slots=True)
class PolicyChecks:
    """A bounded memory. The same values always give the same checks, so forgetting only costs time."""

    _kept: dict[tuple[object, ...], tuple[tuple[object, ...], Checks]] = field(default_factory=dict)

    def of(self, values: tuple[object, ...], words: tuple[str, ...], work_out: Callable[[], Checks]) -> Checks:
        """The checks that follow from these values (known by identity) and words."""
        key = (*map(id, values), *words)
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            kept = self._kept[key] = (values, work_out())
        return kept[1]
