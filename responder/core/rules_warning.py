"""What is allowed in a rules file and probably not meant.

A warning changes nothing about how the rules are read. Each says what is certain, and what to write instead.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from responder.core.block import TextCondition
from responder.core.effect import REMEDIABLE
from responder.core.rules import Rule, Rules, Settings
from responder.core.rules_block import blocks_in, globs_in, texts_of
from responder.core.rules_boundary_warning import of_boundary
from responder.core.rules_covered import covered, excludes_itself
from responder.core.rules_problem import Problem
from responder.core.rules_reach import dead
from responder.core.rules_windows import brief_approvals, odd_windows
from responder.core.rules_yaml import Steps, Tree

Warnings = Iterable[tuple[Steps, str]]


def warnings_of(tree: Tree, rules: Rules) -> tuple[Problem, ...]:
    """Every warning about a file that reads as these rules, in the order of the file."""
    sources: tuple[Callable[[Tree, Rules], Warnings], ...] = (
        _covered,
        _never_remediable,
        _dead_globs,
        _joined,
        _repeated,
        _idle_ask_for,
        _never_fits,
        of_boundary,
        lambda tree, rules: odd_windows(tree, rules.windows),
        _brief_approvals,
    )
    found = [tree.problem(steps, message) for source in sources for steps, message in source(tree, rules)]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: (each.line, each.column)))


def _covered(_: Tree, rules: Rules) -> Warnings:
    for place, instead in covered(rules.rules):
        names = " and ".join(repr(rules.rules[each].name) for each in instead)
        yield ("rules", place), f"it never decides: {names} above it {_take(instead)} everything it matches"
    for place, rule in enumerate(rules.rules):
        if excludes_itself(rule):
            yield ("rules", place, "unless"), "the rule never applies: this leaves nothing of what it matches"


def _take(rules: tuple[int, ...]) -> str:
    return "takes" if len(rules) == 1 else "take"


def _never_remediable(_: Tree, rules: Rules) -> Warnings:
    for place, rule in enumerate(rules.rules):
        effects = _effects(rule)
        if rule.action != "ignore" and effects and not effects & REMEDIABLE:
            yield (
                ("rules", place, "match"),
                f"nothing will come of it: {', '.join(sorted(effects))} cannot be remediated, only deployIfNotExists "
                "and modify can",
            )


def _idle_ask_for(tree: Tree, rules: Rules) -> Warnings:
    for place, rule in enumerate(rules.rules):
        steps: Steps = ("rules", place, "askFor")
        if rule.action != "ask" and steps in tree.places:
            yield steps, f"it has no effect: the rule's action is {rule.action}, and only ask asks"


def _brief_approvals(_: Tree, rules: Rules) -> Warnings:
    asking: list[tuple[Steps, Settings]] = [
        (("rules", place, "askFor"), rule.settings) for place, rule in enumerate(rules.rules) if rule.action == "ask"
    ]
    return brief_approvals(asking)


def _never_fits(_: Tree, rules: Rules) -> Warnings:
    hour = rules.limits.resources_per_hour
    for rule in rules.rules:
        count, opens = rule.settings.task.resource_count, rule.action in ("remediate", "ask")
        if opens and rule.settings.gather_by == "resourceGroup" and count > hour:
            yield (
                ("limits", "resourcesPerHour"),
                f"rule {rule.name!r} may plan a task for up to {count} resources, and one for more than {hour} never "
                f"fits; set its task.resourceCount to {hour} or less",
            )


def _effects(rule: Rule) -> frozenset[str]:
    """The effects it names, if each block names some and none by a wildcard; else nothing."""
    found: set[str] = set()
    for block in rule.match:
        named = [each.globs for each in block.conditions if isinstance(each, TextCondition) and each.key == "effect"]
        if not named or len(named[0].literals) < len(named[0].texts):
            return frozenset()
        found |= named[0].literals
    return frozenset(found)


def _dead_globs(tree: Tree, _: Rules) -> Warnings:
    for steps, key, glob in globs_in(tree):
        if told := dead(key, glob):
            yield steps, told


def _joined(tree: Tree, _: Rules) -> Warnings:
    for steps, block in blocks_in(tree, "unless"):
        names = [*(key for key in block if key != "tags"), *_tags(block)]
        if len(names) > 1:
            listed = f"{', '.join(names[:-1])} and {names[-1]}"
            yield steps, f"{listed} are joined by 'and': all must hold; if one is enough, write a block for each"


def _tags(block: Mapping[str, object]) -> list[str]:
    tags = block.get("tags")
    return [f"the tag {name}" for name in tags] if isinstance(tags, Mapping) else []


def _repeated(tree: Tree, _: Rules) -> Warnings:
    for part in ("match", "unless"):
        seen: dict[tuple[Steps, str], Steps] = {}
        for steps, block in blocks_in(tree, part):
            first = seen.setdefault((steps[:2], repr(sorted(block.items(), key=str)).lower()), steps)
            if first != steps:
                yield steps, f"the same block stands in line {tree.place(first)[0]} already"
            yield from _repeated_texts(steps, block)


def _repeated_texts(steps: Steps, block: Mapping[str, object]) -> Iterator[tuple[Steps, str]]:
    for key in block:
        if key == "tags":
            continue
        seen: set[str] = set()
        for at, text in texts_of(block, key):
            if text.lower() in seen:
                yield (*steps, *at), f"{text!r} stands in this list already"
            seen.add(text.lower())
