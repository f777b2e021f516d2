"""The rules: what is to happen to which resource, read once and compiled, with every default filled in.

The first rule that matches decides. Comparison is three-valued: what depends on something unread is neither a
match nor none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from responder.core.block import Block, any_found, any_holds
from responder.core.boundary import BadScope, Finding, Scope, boundary, scope
from responder.core.own_scopes import names_literally
from responder.core.policy_checks import PolicyChecks
from responder.core.resource_id import ResourceId
from responder.core.rule_settings import DEFAULTS, Bounds, Settings, TaskSettings
from responder.core.rules_compiled import blocks_of, bounds_of, digest_of, resolved
from responder.core.rules_complaint import complaints
from responder.core.rules_model import OTHERWISE, FileKeys, RuleKeys
from responder.core.rules_problem import BadRules, Problem
from responder.core.rules_windows import windows_of, wrong_windows
from responder.core.rules_yaml import Tree, read_tree
from responder.core.shortlist import Shortlist
from responder.core.subject import Subject
from responder.core.window import Window

__all__ = ["DEFAULTS", "BadRules", "Problem", "Rule", "Rules", "Settings", "TaskSettings", "read_rules"]

BAD_ROUNDS = 5
"""After so many bad rounds in a row a definition is held, unless the file says otherwise."""
_NOWHERE = (
    "it is missing: mode enforce needs to know where it may act; name management groups, subscriptions or resource "
    "groups"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, compiled."""

    name: str
    because: str
    match: tuple[Block, ...]  # none: everything
    unless: tuple[Block, ...]
    action: str  # remediate, ask, observe or ignore
    settings: Settings
    digest: str  # of its own text and the defaults it uses, whatever else the file says

    def applies(self, subject: Subject) -> bool | None:
        """Whether the rule decides this subject; None where that depends on something unread."""
        matched = any_holds(self.match, subject) if self.match else True
        if matched is False:
            return False
        excluded = any_holds(self.unless, subject) if self.unless else False
        if excluded:
            return False
        return None if matched is None or excluded is None else True

    def found(self, subject: Subject) -> str:
        """Why it applies, or does not, or cannot be told: from the same conditions that decided."""
        matched = any_holds(self.match, subject) if self.match else True
        excluded = any_holds(self.unless, subject) if self.unless else False
        if matched is not False and excluded is not False:
            return f"unless: {any_found(self.unless, subject)}"
        return any_found(self.match, subject) if self.match else "it matches everything"

    def names_own(self, subject: Subject, own: tuple[Scope, ...]) -> bool | None:
        """Whether it means the app's own resources, by name and not by a wildcard; None where that is not known."""
        return names_literally(self.match, own, subject)


@dataclass(frozen=True, slots=True)
class Rules:
    """A whole rules file."""

    version: int
    mode: str  # observe or enforce
    within: tuple[Scope, ...] | None  # None: not bounded, in observe mode only
    except_: tuple[Scope, ...]
    defaults: Settings
    rules: tuple[Rule, ...]
    otherwise: Rule
    own: tuple[Scope, ...] = ()
    limits: Bounds = field(default_factory=Bounds)
    breaker_bad_rounds: int = BAD_ROUNDS
    windows: tuple[Window, ...] = ()
    policy_checks: PolicyChecks = field(default_factory=PolicyChecks, compare=False, repr=False)
    _shortlist: Shortlist = field(default_factory=Shortlist, compare=False, repr=False)

    def bounds(self, subject: Subject) -> Finding:
        """Whether the subject lies within the boundary, and why."""
        return subject.bounded(self._bounds)

    def _bounds(self, subject: Subject) -> Finding:
        return boundary(self.within, self.except_, subject)

    def divides(self, place: ResourceId) -> str | None:
        """Why no one task may go to a whole place, whatever its states show now; None where nothing says so.

        Azure evaluates anew before it deploys, and so may touch what its states call compliant.
        """
        for entry in (*self.except_, *self.own):
            if entry.lies_in(place):
                return f"{entry.text} lies in it and is not to be touched."
        within = self.within or ()
        if any(entry.lies_in(place) for entry in within) and not any(entry.covers_id(place) for entry in within):
            return f"'within' names only parts of {place}."
        return None

    def deciding(self, subject: Subject) -> tuple[int, bool | None]:
        """The place of the first rule that applies or may apply, and which of both; behind the last: otherwise."""
        for place in self._shortlist.of(self.rules, subject):
            applies = self.rules[place].applies(subject)
            if applies is not False:
                return place, applies
        return len(self.rules), True

    def adapted(self, mode: str | None, own_scopes: tuple[str, ...]) -> "Rules":
        """The rules under the app's settings: the stricter mode, and the app's own scopes left alone.

        Raises `BadRules` where an own scope is none.
        """
        stricter = "observe" if "observe" in (self.mode, mode) else "enforce"
        try:
            return replace(self, mode=stricter, own=tuple(map(scope, own_scopes)))
        except BadScope as error:
            raise BadRules((Problem("", f"the app's own scopes (RESPONDER_OWN_SCOPES): {error}"),)) from error


def read_rules(text: str) -> Rules:
    """Read a rules file; raises `BadRules` with every problem in it."""
    tree = read_tree(text)
    problems = [*tree.problems, *_across(tree), *wrong_windows(tree)]
    try:
        keys = FileKeys.model_validate(tree.values)
    except ValidationError as error:
        raise _sorted([*problems, *complaints(error, tree)]) from error
    rules = _compiled(keys, tree.values)
    problems += _ranges(rules, tree)
    if problems:
        raise _sorted(problems)
    return rules


def _sorted(problems: list[Problem]) -> BadRules:
    return BadRules(tuple(sorted(dict.fromkeys(problems), key=lambda each: (each.line, each.column))))


def _compiled(keys: FileKeys, values: Mapping[str, object]) -> Rules:
    windows = windows_of(keys.windows)
    defaults = resolved(keys.defaults, DEFAULTS, windows)
    written = values.get("rules")
    texts = written if isinstance(written, list) else []
    return Rules(
        version=keys.version,
        mode=keys.mode,
        within=None if keys.within is None else tuple(keys.within),
        except_=tuple(keys.except_),
        defaults=defaults,
        rules=tuple(_rule(rule, text, defaults, windows) for rule, text in zip(keys.rules, texts, strict=True)),
        otherwise=_otherwise(keys.otherwise, defaults),
        limits=bounds_of(keys.limits),
        breaker_bad_rounds=BAD_ROUNDS if keys.breaker.bad_rounds is None else keys.breaker.bad_rounds,
        windows=tuple(windows.values()),
    )


def _rule(keys: RuleKeys, text: Mapping[str, object], defaults: Settings, windows: Mapping[str, Window]) -> Rule:
    settings = resolved(keys, defaults, windows)
    return Rule(
        name=keys.name,
        because=" ".join(keys.because.split()),
        match=blocks_of(keys.match),
        unless=blocks_of(keys.unless),
        action=keys.action,
        settings=settings,
        digest=digest_of(text, settings),
    )


def _otherwise(action: str, defaults: Settings) -> Rule:
    digest = digest_of({"name": OTHERWISE, "action": action}, defaults)
    return Rule(OTHERWISE, "", (), (), action, defaults, digest)


def _across(tree: Tree) -> list[Problem]:
    """What can only be seen by looking at several keys together."""
    problems = []
    if tree.values.get("mode") == "enforce" and "within" not in tree.values:
        line, column = tree.place(("mode",))
        problems.append(Problem("within", _NOWHERE, line, column))
    names: dict[str, int] = {}
    written = tree.values.get("rules")
    for index, rule in enumerate(written if isinstance(written, list) else []):
        name = rule.get("name") if isinstance(rule, Mapping) else None
        if isinstance(name, str) and names.setdefault(name.lower(), index) != index:
            line = tree.place(("rules", names[name.lower()], "name"))[0]
            told = f"{name!r} is the name of the rule in line {line} already; upper and lower case do not count"
            problems.append(tree.problem(("rules", index, "name"), told))
    return problems


def _ranges(rules: Rules, tree: Tree) -> list[Problem]:
    """Pairs of settings that contradict each other once the defaults are filled in."""
    everywhere = [(("rules", index), rule.settings) for index, rule in enumerate(rules.rules)]
    broken = _contradictions(rules.defaults)
    problems = [tree.problem(("defaults", *steps), message) for steps, message in broken]
    for at, settings in everywhere:
        new = [each for each in _contradictions(settings) if each not in broken]
        problems += [tree.problem((*at, *steps), message) for steps, message in new]
    return problems


def _contradictions(settings: Settings) -> list[tuple[tuple[str, str], str]]:
    pairs = (
        (("gather", "atMost"), settings.gather_at_most, settings.gather_for, "gather.for"),
        (("poll", "most"), settings.poll_most, settings.poll_first, "poll.first"),
        (("verify", "atMost"), settings.verify_at_most, settings.verify_after, "verify.after"),
    )
    return [(steps, f"it is shorter than {name} ({least})") for steps, most, least, name in pairs if most < least]
