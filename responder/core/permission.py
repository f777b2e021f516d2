"""Whether the actions of one role are among those that other roles allow.

Azure allows what `actions` match and `notActions` do not, names compared without case, `*` standing for any
characters (https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format). A role is a
list of such permissions, and what any of them allows is allowed. The comparison errs towards "no": it never
calls a right granted that is not, and may miss one that several roles grant together.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from responder.core.documents import objects_of, texts_of


@dataclass(frozen=True, slots=True)
class Permission:
    """Patterns, folded: what is allowed, and what is taken away from that."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    data: bool = False  # dataActions: no action is ever taken for one, not even `*`

    def allows(self, action: str, without: tuple[str, ...] = ()) -> bool:
        """Whether everything that the pattern matches, apart from `without`, is allowed by this one permission."""
        if not any(covers(mine, action) for mine in self.actions):
            return False
        taken = [each for each in self.not_actions if overlap(each, action)]
        return all(any(covers(apart, each) for apart in without) for each in taken)


def permissions(properties: Mapping[str, object], what: str) -> tuple[Permission, ...]:
    """Read `permissions` of a role definition, control and data plane apart; raises `BadDocument`."""
    found = []
    for entry in objects_of(properties, "permissions", what):
        found.append(Permission(_folded(entry, "actions", what), _folded(entry, "notActions", what)))
        if data := _folded(entry, "dataActions", what):
            found.append(Permission(data, _folded(entry, "notDataActions", what), data=True))
    return tuple(found)


def granted(wanted: Iterable[Permission], held: tuple[Permission, ...]) -> bool:
    """Whether all that the wanted permissions allow is allowed by those that are held."""
    return all(
        any(mine.data is each.data and mine.allows(action, each.not_actions) for mine in held)
        for each in wanted
        for action in each.actions
    )


def _folded(entry: Mapping[str, object], key: str, what: str) -> tuple[str, ...]:
    return tuple(action.lower() for action in texts_of(entry, key, what))


def covers(outer: str, inner: str) -> bool:
    """Whether `outer` matches everything that `inner` matches: a `*` of `inner` is one more character to match."""
    return _compiled(outer).fullmatch(inner) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


def overlap(one: str, other: str) -> bool:
    """Whether some name is matched by both patterns: row by row, how far both can have matched the same text."""
    row = [not other[:at].strip("*") for at in range(len(other) + 1)]
    for mine in one:
        above, row = row, [mine == "*" and row[0]]
        for at, theirs in enumerate(other):
            either = mine == "*" or theirs == "*"
            row.append(above[at + 1] or row[at] if either else mine == theirs and above[at])
    return row[-1]
