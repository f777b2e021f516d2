"""The estates of the documentation: their rules have neither problem nor warning, and their tests pass."""

import re
from pathlib import Path

import pytest

from responder.core.facts import BadDocument
from responder.core.rules import read_rules
from responder.core.rules_review import review
from responder.core.rules_tests import read_rule_tests, run

PAGE = (Path(__file__).parents[2] / "docs" / "estates.md").read_text(encoding="utf-8")
_BLOCK = r"```yaml\n# {}\n(.*?)```"
ESTATES = {
    section.partition("\n")[0]: [
        found for name in ("rules.yaml", "rules.tests.yaml") for found in re.findall(_BLOCK.format(name), section, re.S)
    ]
    for section in PAGE.split("\n## ")[1:]
}


def _no_file(name: str) -> object:
    raise BadDocument(f"{name}: the page has no files")


def test_there_are_five_estates_with_rules_and_tests() -> None:
    assert [len(blocks) for blocks in ESTATES.values()] == [2] * 5


@pytest.mark.parametrize("title", ESTATES)
def test_the_rules_of_an_estate_give_no_cause_for_complaint(title: str) -> None:
    reviewed = review(ESTATES[title][0])

    assert (reviewed.problems, reviewed.warnings) == ((), ())


@pytest.mark.parametrize("title", ESTATES)
def test_the_tests_of_an_estate_pass(title: str) -> None:
    rules, tests = ESTATES[title]
    read = read_rules(rules)

    verdicts = [run(test, read) for test in read_rule_tests(tests, read, _no_file)]

    assert len(verdicts) >= 5
    assert {verdict.test.name: verdict.differences for verdict in verdicts if verdict.differences} == {}


@pytest.mark.parametrize("title", ESTATES)
def test_every_rule_of_an_estate_decides_in_one_of_its_tests(title: str) -> None:
    rules, tests = ESTATES[title]
    read = read_rules(rules)
    decided = {run(test, read).found["rule"] for test in read_rule_tests(tests, read, _no_file)}

    assert {rule.name for rule in read.rules} <= decided
