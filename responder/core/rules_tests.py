"""Rules under test: what is to become of an event or a policy state, and what does.

The answer is worked out by the code that decides in production (`parse`, `explain`, `decide`), so that a test that
passes here says what the app will do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError

from responder.core.decision import Answer, Considered, decide
from responder.core.explanation import Explanation, explain
from responder.core.facts import BadDocument, Facts
from responder.core.policy_state import PolicyStateChange, Rejection, parse
from responder.core.rules import BadRules, Problem, Rules
from responder.core.rules_complaint import complaints
from responder.core.rules_key import closest
from responder.core.rules_tests_model import Document, ExpectKeys, Given, RuleTestKeys, RuleTestsKeys
from responder.core.rules_tests_state import BadState, event_of, facts_of
from responder.core.rules_yaml import Steps, Tree, read_list

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""When a test's event comes; the answer does not depend on it."""


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test, ready to run."""

    name: str
    line: int
    change: PolicyStateChange | Rejection
    facts: Facts
    expect: ExpectKeys


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected."""

    key: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one test; without a difference it passed."""

    test: RuleTest
    differences: tuple[Difference, ...]
    found: Mapping[str, str]
    because: str
    considered: tuple[Considered, ...]


def read_rule_tests(text: str, rules: Rules, read_file: Callable[[str], object]) -> tuple[RuleTest, ...]:
    """Read a file of tests for these rules; raises `BadRules` with every problem in it.

    `read_file` gives the document of a file that a test names, and raises `BadDocument` where it cannot.
    """
    tree = read_list(text, "tests")
    try:
        keys = RuleTestsKeys.model_validate(tree.values)
    except ValidationError as error:
        raise BadRules(tuple(sorted([*tree.problems, *complaints(error, tree)], key=_place))) from error
    tests, problems = _ready(keys, tree, rules, read_file)
    if tree.problems or problems:
        raise BadRules(tuple(sorted([*tree.problems, *problems], key=_place)))
    return tuple(tests)


def run(test: RuleTest, rules: Rules) -> Verdict:
    """Ask the rules, and compare."""
    explained = explain(test.change, test.facts, rules, NOW)
    found, because = _found(test, explained, rules)
    wanted = test.expect.model_dump(exclude_none=True)
    differences = tuple(
        Difference(key, expected, found[key]) for key, expected in wanted.items() if not _same(expected, found[key])
    )
    return Verdict(test, differences, found, because, explained.considered)


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line, problem.column


def _same(expected: str, found: str) -> bool:
    return expected.lower() == found.lower()


def _found(test: RuleTest, explained: Explanation, rules: Rules) -> tuple[dict[str, str], str]:
    """The answer with every check, and why; where only the action is expected, what leads to it alone."""
    whole = {"answer": explained.answer.value, "rule": explained.rule, "reason": explained.reason}
    if isinstance(test.change, Rejection) or test.change.withdraws:
        return {**whole, "action": explained.answer.value}, explained.because
    decision = decide(test.change, test.facts, rules)
    settled = decision.answer not in (Answer.UNKNOWN, Answer.BLOCKED)
    action = decision.action if settled else decision.answer.value
    if test.expect.answer is None and test.expect.action is not None:
        return {"action": action, "rule": decision.rule, "reason": decision.reason}, decision.because
    return {**whole, "action": action}, explained.because


def _ready(
    keys: RuleTestsKeys, tree: Tree, rules: Rules, read_file: Callable[[str], object]
) -> tuple[list[RuleTest], list[Problem]]:
    tests, problems, names = [], [], [*(rule.name for rule in rules.rules), rules.otherwise.name]
    for index, each in enumerate(keys.tests):
        steps: Steps = ("tests", index)
        if told := _unknown_rule(each.expect.rule, names):
            problems.append(tree.problem((*steps, "expect", "rule"), told))
        try:
            change, facts = _subject(each, read_file)
        except (BadDocument, BadState) as error:
            where = error.key if isinstance(error, BadState) else "facts"
            problems.append(tree.problem((*steps, where), str(error)))
            continue
        tests.append(RuleTest(each.name, tree.place(steps)[0], change, facts, each.expect))
    return tests, problems


def _unknown_rule(name: str | None, names: list[str]) -> str | None:
    if not name or name.lower() in map(str.lower, names):
        return None
    close = closest(name, names)
    return f"no rule is called {name!r}; " + (f"did you mean {close!r}?" if close else f"there are {', '.join(names)}")


def _subject(test: RuleTestKeys, read_file: Callable[[str], object]) -> tuple[PolicyStateChange | Rejection, Facts]:
    known = _document(test.facts, "facts", read_file) if test.facts is not None else {}
    if test.event is not None:
        return parse(_document(test.event, "event", read_file)), facts_of(None, known)
    row = _document(test.state or {}, "state", read_file)
    return parse(event_of(row)), facts_of(row, known)


def _document(given: Given, key: str, read_file: Callable[[str], object]) -> Document:
    if isinstance(given, dict):
        return given
    try:
        document = read_file(given)
    except BadDocument as error:
        raise BadState(key, str(error)) from error
    if not isinstance(document, dict):
        raise BadState(key, f"{given} does not hold one JSON object")
    return document
