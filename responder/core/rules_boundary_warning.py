"""Entries of `within` and `except` that change nothing.

Which subscriptions lie in a management group cannot be seen from a rules file. So an entry that names a management
group is compared with its own name alone, and everything else by its segments.
"""

from collections.abc import Iterator, Sequence

from responder.core.boundary import Scope
from responder.core.rules import Rules
from responder.core.rules_glob import covers, meets
from responder.core.rules_yaml import Steps, Tree


def of_boundary(_: Tree, rules: Rules) -> Iterator[tuple[Steps, str]]:
    """What stands there without effect."""
    within = rules.within or ()
    yield from _repeated("within", within)
    yield from _repeated("except", rules.except_)
    for place, entry in enumerate(within):
        if over := next((each for each in rules.except_ if _covers(each, entry)), None):
            yield ("within", place), f"it has no effect: {over.text} of 'except' leaves nothing of it"
    for place, entry in enumerate(rules.except_):
        if within and all(_apart(entry, each) for each in within):
            yield ("except", place), "it has no effect: nothing that it names lies below an entry of 'within'"


def _repeated(key: str, scopes: Sequence[Scope]) -> Iterator[tuple[Steps, str]]:
    for place, entry in enumerate(scopes):
        others = (other for at, other in enumerate(scopes) if at != place and _covers(other, entry))
        over = next((other for other in others if not _covers(entry, other) or other in scopes[:place]), None)
        if over:
            yield (key, place), f"it has no effect: {over.text} covers it already"


def _covers(wide: Scope, narrow: Scope) -> bool:
    if (wide.group is None) != (narrow.group is None):
        return False
    if len(wide.segments) > len(narrow.segments):
        return False
    return all(map(covers, wide.segments, narrow.segments))


def _apart(one: Scope, other: Scope) -> bool:
    """Whether nothing can lie in both."""
    if one.group is not None or other.group is not None:
        return False
    return not all(map(meets, one.segments, other.segments))
