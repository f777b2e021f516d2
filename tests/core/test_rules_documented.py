"""The documentation of the rules file: complete, and its examples are rules."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from responder.core.rules import read_rules
from responder.core.rules_key import keys_of
from responder.core.rules_model import (
    BlockKeys,
    BreakerKeys,
    FileKeys,
    GatherKeys,
    LimitsKeys,
    PollKeys,
    RetryKeys,
    RuleKeys,
    SettingsKeys,
    TaskKeys,
    VerifyKeys,
    WindowKeys,
)
from responder.core.rules_tests import read_rule_tests, run

TEXT = (Path(__file__).parents[2] / "docs/rules.md").read_text(encoding="utf-8")
HEADINGS = set(re.findall(r"^#+ `([\w.]+)`$", TEXT, re.MULTILINE))
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^#+ `([\w.]+)`$(.*?)(?=^#+ |\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = dict(_SECTION.findall(TEXT))
BLOCKS = _BLOCK.findall(TEXT)
TESTS = [block for block in BLOCKS if block.startswith("- name:")]
FILES = [block for block in BLOCKS if block.startswith("version: 1\n") and block != "version: 1\n"]
_PLAIN: list[type[BaseModel]] = [FileKeys, RuleKeys, BlockKeys, SettingsKeys]
_NESTED: dict[str, type[BaseModel]] = {
    "gather": GatherKeys,
    "task": TaskKeys,
    "poll": PollKeys,
    "retry": RetryKeys,
    "verify": VerifyKeys,
    "limits": LimitsKeys,
    "breaker": BreakerKeys,
    "windows": WindowKeys,
}


def test_every_key_has_its_heading_and_every_heading_is_a_key() -> None:
    plain = {key for model in _PLAIN for key in keys_of(model)}
    nested = {f"{parent}.{key}" for parent, model in _NESTED.items() for key in keys_of(model)}

    assert plain | nested == HEADINGS


def whole(key: str, example: str) -> str:
    """A file around an example that shows one key alone."""
    if "version: 1" in example:
        return example
    if key.partition(".")[0] in keys_of(FileKeys):
        return f"version: 1\n{example}"
    rule = {"name": "name: a\n", "action": "action: observe\n"}
    return "version: 1\nrules:\n  - " + "".join(
        f"{line}\n    " for line in ("".join(rule[each] for each in rule if each != key) + example).splitlines()
    )


@pytest.mark.parametrize("key", sorted(HEADINGS))
def test_every_key_has_an_example_that_reads_as_rules(key: str) -> None:
    (example,) = _BLOCK.findall(SECTIONS[key])

    assert key.rpartition(".")[2] in example
    assert read_rules(whole(key, example)).version == 1


@pytest.mark.parametrize("example", FILES)
def test_every_whole_file_is_a_rules_file(example: str) -> None:
    assert read_rules(example).version == 1


@pytest.mark.parametrize("example", TESTS)
def test_every_example_of_a_test_passes(example: str) -> None:
    rules = read_rules("version: 1\nrules: [{name: production, match: {tags: {env: prod}}, action: ignore}]")

    (test,) = read_rule_tests(example, rules, lambda _: {})

    assert run(test, rules).differences == ()


def test_there_are_examples() -> None:
    assert TESTS
    assert len(FILES) >= 6
