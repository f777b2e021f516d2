"""The decision about one event: remediate, ask, observe, ignore, blocked, or not known yet; with the way to it.

Three questions, asked in this order: does it lie where anything may be done (the boundary, the app's own scopes),
which rule decides, and does anything else stand in the way (the preflight). Each is three-valued. An unreadable
fact is never a no and never a yes: evaluation stops where it would decide.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from responder.core.boundary import Finding
from responder.core.check import Check
from responder.core.facts import Facts
from responder.core.legible import legible
from responder.core.own_scopes import owning
from responder.core.policy_state import PolicyStateChange
from responder.core.preflight import RULE_DEPENDENT, preflight
from responder.core.rules import Rule, Rules, Settings
from responder.core.subject import Subject

__all__ = ["Answer", "Check", "Considered", "Decision", "at_the_door", "decide", "judge"]


class Answer(StrEnum):
    """What is to be done."""

    REMEDIATE = "remediate"
    ASK = "ask"
    OBSERVE = "observe"
    IGNORE = "ignore"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    REJECTED = "rejected"


_WANTED = (Answer.REMEDIATE, Answer.ASK, Answer.OBSERVE)
_DOES = {
    Answer.REMEDIATE: "remediates",
    Answer.ASK: "asks for approval of",
    Answer.OBSERVE: "only observes",
    Answer.IGNORE: "ignores",
}
_BY_ACTION = {"remediate": Answer.REMEDIATE, "ask": Answer.ASK, "observe": Answer.OBSERVE}
_WOULD = {"remediate": "remediate it", "ask": "ask for approval of it", "observe": "observe it"}


@dataclass(frozen=True, slots=True)
class Considered:
    """One rule on the way: whether it applies (`None`: not known), and why."""

    rule: str
    applies: bool | None
    because: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and everything needed to defend it."""

    answer: Answer
    rule: str  # the rule that decided or may still decide; "" where none was asked
    because: str  # for the person on duty: which rule, what about this resource, what would change it
    reason: str  # one machine word: rule, no-rule-matches, outside-boundary, mode-observe, a check's name, …
    settings: Settings
    digest: str
    action: str  # what the rule says, whatever the mode makes of it
    checks: tuple[Check, ...] = ()
    way: Callable[[], tuple[Considered, ...]] = field(default=tuple, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "because", legible(self.because))

    def after(self, checks: tuple[Check, ...]) -> "Decision":
        """The same decision with the checks it went through (`replace` costs three times as much, for each event)."""
        return Decision(
            self.answer, self.rule, self.because, self.reason, self.settings, self.digest, self.action, checks, self.way
        )

    @property
    def considered(self) -> tuple[Considered, ...]:
        """The rules in the order they were tried, up to the one that decided. Told only when asked for."""
        return self.way()


def decide(change: PolicyStateChange, facts: Facts, rules: Rules) -> Decision:
    """The answer of boundary and rules alone, without the preflight."""
    return _decided(Subject(change, facts), rules)


def at_the_door(change: PolicyStateChange, facts: Facts, rules: Rules) -> Decision:
    """`decide`, and what the preflight knows to fail already; what it does not know changes nothing."""
    subject = Subject(change, facts)
    return _checked(_decided(subject, rules), subject, rules)


def judge(change: PolicyStateChange, facts: Facts, rules: Rules) -> Decision:
    """`decide`, and the whole preflight: one failed check blocks, one unknown check leaves the answer unknown."""
    decision = at_the_door(change, facts, rules)
    if decision.answer not in _WANTED:
        return decision
    unknown = next((check for check in decision.checks if check.holds is None), None)
    if unknown is None:
        return decision
    because = f"Rule {decision.rule!r} would decide, but {unknown.because}."
    return replace(decision, answer=Answer.UNKNOWN, reason="facts-unreadable", because=because)


def _decided(subject: Subject, rules: Rules) -> Decision:
    bounded = rules.bounds(subject)
    if bounded[0] is False:
        return _blocked("outside-boundary", f"{bounded[1]}; change 'within' or 'except' to let it in", subject, rules)
    owned = owning(rules.own, subject)
    if owned[0] and all(rule.names_own(subject, rules.own) is False for rule in rules.rules):
        return _blocked("own-resource", owned[1], subject, rules)
    return _by_rule(subject, rules, bounded, owned)


def _by_rule(subject: Subject, rules: Rules, bounded: Finding, owned: Finding) -> Decision:
    place, applies = rules.deciding(subject)
    rule = rules.rules[place] if place < len(rules.rules) else rules.otherwise
    way = partial(_way, subject, rules, place)
    if applies is None:
        because = f"Whether rule {rule.name!r} decides is not known: {rule.found(subject)}."
        return _unknown(rule, because, way)
    if rule.action == "ignore":
        return _answer(Answer.IGNORE, rule, subject, rules, way)
    for told, why in (bounded, owned):
        if told is None:
            return _unknown(rule, f"Rule {rule.name!r} would decide, but {why}.", way)
    named = rule.names_own(subject, rules.own) if owned[0] else True
    if not named:
        because = f"Rule {rule.name!r} would {_WOULD[rule.action]}, but {owned[1]}."
        unknown = _unknown(rule, because, way)
        return unknown if named is None else replace(unknown, answer=Answer.BLOCKED, reason="own-resource")
    answer = Answer.OBSERVE if rules.mode == "observe" else _BY_ACTION[rule.action]
    return _answer(answer, rule, subject, rules, way)


def _way(subject: Subject, rules: Rules, last: int) -> tuple[Considered, ...]:
    tried = (*rules.rules, rules.otherwise)[: last + 1]
    return tuple(Considered(rule.name, rule.applies(subject), rule.found(subject)) for rule in tried)


def _blocked(reason: str, why: str, subject: Subject, rules: Rules) -> Decision:
    return Decision(
        answer=Answer.BLOCKED,
        rule="",
        because=f"{subject.id} is left alone: {why}.",
        reason=reason,
        settings=rules.defaults,
        digest=rules.otherwise.digest,
        action="",
        checks=(Check(reason, False, why),),
    )


def _unknown(rule: Rule, because: str, way: Callable[[], tuple[Considered, ...]]) -> Decision:
    return Decision(
        Answer.UNKNOWN, rule.name, because, "facts-unreadable", rule.settings, rule.digest, rule.action, (), way
    )


def _answer(
    answer: Answer, rule: Rule, subject: Subject, rules: Rules, way: Callable[[], tuple[Considered, ...]]
) -> Decision:
    if rule is rules.otherwise:
        reason = "no-rule-matches"
        because = (
            f"No rule matches {subject.id}; 'otherwise' {_DOES[answer]} it. A rule that matches would change that."
        )
    else:
        withheld = answer is Answer.OBSERVE and rule.action != "observe"
        reason = "mode-observe" if withheld else "rule"
        because = _said(answer, rule, subject, withheld)
    return Decision(answer, rule.name, because, reason, rule.settings, rule.digest, rule.action, (), way)


def _said(answer: Answer, rule: Rule, subject: Subject, withheld: bool) -> str:
    told = f" {rule.because}" if rule.because else ""
    because = f"Rule {rule.name!r} {_DOES[answer]} {subject.id}, because {rule.found(subject)}.{told}"
    if withheld:
        return f"{because} The mode is observe: mode enforce would {_WOULD[rule.action]}."
    return f"{because} An earlier rule or an 'unless' would change that."


def _checked(decision: Decision, subject: Subject, rules: Rules) -> Decision:
    """The decision after the checks; where the rule is not certain, only checks that no rule can change count."""
    if decision.answer not in (*_WANTED, Answer.UNKNOWN):
        return decision
    checks = preflight(subject, decision.settings, rules)
    certain = decision.answer is not Answer.UNKNOWN
    for check in checks:
        if check.holds is False and (certain or check.check not in RULE_DEPENDENT):
            because = f"{subject.id} cannot be remediated: {check.because}."
            return replace(decision, answer=Answer.BLOCKED, reason=check.check, because=because, checks=checks)
    return decision.after(checks)
