"""Whatever stands in a rules file or in its tests: a list of problems, or rules. Never a crash."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from responder.core.facts import BadDocument
from responder.core.rules import BadRules, read_rules
from responder.core.rules_key import keys_of
from responder.core.rules_model import BlockKeys, FileKeys, LimitsKeys, RetryKeys, RuleKeys, TaskKeys, WindowKeys
from responder.core.rules_review import Review, review
from responder.core.rules_tests import read_rule_tests, run
from responder.core.rules_tests_model import ExpectKeys, RuleTestKeys

ROOT = Path(__file__).parents[2]
PACE = """
version: 1
limits: {running: 10, perDefinition: 10, resourcesPerHour: 600}
breaker: {badRounds: 3}
windows:
  night: {days: [Tue, Thu], from: "22:00", to: "04:00", timeZone: Europe/Zurich, except: [2026-12-24]}
defaults: {during: night, retry: {attempts: 3, wait: PT15M, factor: 2}}
rules:
  - {name: production, match: {resourceGroup: rg-prod}, action: ask, askFor: P7D, during: always}
"""
SHIPPED = (ROOT / "rules.yaml").read_text(encoding="utf-8")
TESTS = (ROOT / "rules.tests.yaml").read_text(encoding="utf-8")
_SIGNS = ["*", "**", "&a", "*a", "<<: ", "!!int ", "!x", "? ", "- ", ": ", "|", ">", "'", '"', "%", "@", "#"]
_BRACKETS = ["{", "}", "[", "]", "---\n"]
_LETTERS = ["\t", "\r", "\u2028", "\ufeff", "\x85", "\ud800", "\u202e", "é", "\N{PILE OF POO}"]
_WORDS = ["~", "null", "no", "=", "1e999", ".nan", "0x_", "0b_", "1_:30", "2024-13-45", "9" * 5000, "-0", "1.10"]
_TIMES = ["2026-01-01T00:00:00+99:00", "2026-01-01", "0001-01-01T00:00:00+23:59"]
_MEANT = [
    "remediate",
    "observe",
    "rg-*",
    "**/x",
    "PT1M",
    "10%",
    "/subscriptions/s",
    "**/policyAssignments/p",
    "Tue",
    "22:00",
    "UTC",
    "night",
]
_ODD = st.sampled_from([*_SIGNS, *_BRACKETS, *_LETTERS, *_WORDS, *_TIMES])
_MODELS = (FileKeys, RuleKeys, BlockKeys, TaskKeys, LimitsKeys, RetryKeys, WindowKeys)
_KEYS = st.sampled_from([key for model in _MODELS for key in keys_of(model)])
_TEST_KEYS = st.sampled_from([*keys_of(RuleTestKeys), *keys_of(ExpectKeys), "resourceId", "tags", "resourceTags"])


def _values(keys: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates().map(str) | _ODD
    return st.recursive(
        scalars | st.sampled_from(_MEANT),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | st.text(max_size=4), inner, max_size=4),
        max_leaves=25,
    )


def _looked_over(text: str) -> Review:
    reviewed = review(text)
    assert (reviewed.rules is None) == bool(reviewed.problems)
    assert all(each.message and str(each).isprintable() for each in (*reviewed.problems, *reviewed.warnings))
    return reviewed


def _tested(text: str) -> None:
    rules = read_rules(SHIPPED)

    def no_file(_: str) -> object:
        raise BadDocument("there are no files here")

    try:
        tests = read_rule_tests(text, rules, no_file)
    except BadRules:
        return  # which has the problems
    for test in tests:
        run(test, rules)


@st.composite
def _mutated(draw: st.DrawFn, text: str) -> str:
    """The text with pieces cut out, doubled, or replaced by what YAML does not take lightly."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        middle = draw(st.one_of(_ODD, st.text(max_size=5), st.just(text[start:end] * 2)))
        text = text[:start] + middle + text[end:]
    return text


@given(_mutated(SHIPPED) | _mutated(PACE))
@settings(deadline=None, max_examples=250)
def test_a_damaged_rules_file_is_a_list_of_problems_or_rules(text: str) -> None:
    _looked_over(text)


@given(_mutated(TESTS))
@settings(deadline=None, max_examples=100)
def test_a_damaged_file_of_tests_is_a_list_of_problems_or_tests(text: str) -> None:
    _tested(text)


@given(st.dictionaries(_KEYS | st.text(max_size=4), _values(_KEYS), max_size=5))
@settings(deadline=None, max_examples=300)
def test_any_mapping_is_a_list_of_problems_or_rules(values: dict[str, object]) -> None:
    _looked_over(json.dumps({"version": 1, **values}))


@given(_values(_KEYS), st.sampled_from(keys_of(RuleKeys)))
@settings(deadline=None, max_examples=300)
def test_any_value_in_a_rule_is_a_list_of_problems_or_rules(value: object, key: str) -> None:
    rule = {"name": "a", "action": "ignore", key: value}

    _looked_over(json.dumps({"version": 1, "rules": [rule, {**rule, "name": "b"}]}))


@given(st.lists(st.dictionaries(_TEST_KEYS, _values(_TEST_KEYS), max_size=5), max_size=3))
@settings(deadline=None, max_examples=200)
def test_any_list_is_a_list_of_problems_or_tests(values: list[dict[str, object]]) -> None:
    _tested(json.dumps(values))


@given(st.dictionaries(_TEST_KEYS, _values(_TEST_KEYS), max_size=5))
@settings(deadline=None, max_examples=150)
def test_any_document_in_a_test_is_a_list_of_problems_or_a_verdict(document: dict[str, object]) -> None:
    for key in ("event", "state"):
        _tested(json.dumps([{"name": "a", key: document, "facts": document, "expect": {"rule": "tags"}}]))


@given(st.lists(_ODD | st.text(max_size=6) | st.sampled_from(["\n", "\n  ", "version: 1\n", "rules:\n"]), max_size=20))
@settings(deadline=None, max_examples=300)
def test_any_text_is_a_list_of_problems_or_rules(pieces: list[str]) -> None:
    _looked_over("".join(pieces))


@given(st.sampled_from(["[", "{a: ", "- ", "? "]), st.integers(50, 3000))
@settings(deadline=None, max_examples=40)
def test_any_depth_is_a_list_of_problems_or_rules(piece: str, depth: int) -> None:
    closing = {"[": "]", "{a: ": "}"}.get(piece, "")

    _looked_over("version: 1\nrules: \n  " + piece * depth + closing * depth)
