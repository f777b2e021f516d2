"""Rules that can never decide, because earlier ones take everything that they would match.

Only what is certain is told: a block is covered by an earlier rule if each of that rule's conditions follows from
the block's own, and nothing that the earlier rule leaves out by `unless` is left for the later one. Where the
earlier rule cannot be settled, for want of a fact, evaluation stops at it; so the later one never decides.
"""

from collections.abc import Sequence

from responder.core.block import Block, Condition, GroupCondition, TagCondition, TextCondition
from responder.core.glob import Globs
from responder.core.rules import Rule
from responder.core.rules_candidates import Candidates
from responder.core.rules_glob import covers

_EVERYTHING = (Block(()),)


def covered(rules: Sequence[Rule]) -> list[tuple[int, tuple[int, ...]]]:
    """The places of rules that can never decide, each with the places of those that decide instead."""
    found: list[tuple[int, tuple[int, ...]]] = []
    earlier = Candidates()
    for place, rule in enumerate(rules):
        blocks = rule.match or _EVERYTHING
        instead = [_first(block, rule, earlier, rules) for block in blocks]
        if None not in instead:
            found.append((place, tuple(sorted({each for each in instead if each is not None}))))
        for block in blocks:
            earlier.add(place, block)
    return found


def excludes_itself(rule: Rule) -> bool:
    """Whether its own `unless` leaves nothing of what it matches."""
    return all(any(follows(block, out) for out in rule.unless) for block in rule.match or _EVERYTHING)


def follows(narrow: Block, wide: Block) -> bool:
    """Whether everything for which `narrow` holds is certain to be something for which `wide` holds."""
    return all(any(_implies(has, wanted) for has in narrow.conditions) for wanted in wide.conditions)


def _first(block: Block, later: Rule, earlier: Candidates, rules: Sequence[Rule]) -> int | None:
    places = (
        place
        for place, wide in earlier.of(block)
        if follows(block, wide) and _leaves_no_more(rules[place], later, block)
    )
    return min(places, default=None)


def _leaves_no_more(earlier: Rule, later: Rule, block: Block) -> bool:
    """Whether what the earlier rule leaves out is left out by the later one as well, or is nothing of the block."""
    return all(any(follows(_both(out, block), own) for own in later.unless) for out in earlier.unless)


def _both(one: Block, other: Block) -> Block:
    return Block((*one.conditions, *other.conditions))


def _implies(has: Condition, wanted: Condition) -> bool:
    match has, wanted:
        case TextCondition(), TextCondition():
            return has.key == wanted.key and _all_within(has.globs, wanted.globs)
        case GroupCondition(), GroupCondition():
            return _all_within(has.globs, wanted.globs)
        case TagCondition(), TagCondition():
            return has.name == wanted.name and _tag_within(has, wanted)
    return False


def _tag_within(has: TagCondition, wanted: TagCondition) -> bool:
    if has.absent and not wanted.absent:
        return False
    return has.globs is None or (wanted.globs is not None and _all_within(has.globs, wanted.globs))


def _all_within(narrow: Globs, wide: Globs) -> bool:
    return all(any(covers(each, text, wide.segmented) for each in wide.texts) for text in narrow.texts)
