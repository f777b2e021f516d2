"""The documentation of the rules file: complete, and its examples are rules."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from responder.core.rules import read_rules
from responder.core.rules_complaint import NOT_YET
from responder.core.rules_model import (
    BlockKeys,
    FileKeys,
    GatherKeys,
    PollKeys,
    RuleKeys,
    SettingsKeys,
    TaskKeys,
    VerifyKeys,
)

TEXT = (Path(__file__).parents[2] / "docs/rules.md").read_text(encoding="utf-8")
HEADINGS = set(re.findall(r"^#+ `([\w.]+)`$", TEXT, re.MULTILINE))
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
_PLAIN: list[type[BaseModel]] = [FileKeys, RuleKeys, BlockKeys, SettingsKeys]
_NESTED: dict[str, type[BaseModel]] = {
    "gather": GatherKeys,
    "task": TaskKeys,
    "poll": PollKeys,
    "verify": VerifyKeys,
}


def keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def test_every_key_has_its_heading_and_every_heading_is_a_key() -> None:
    plain = {key for model in _PLAIN for key in keys_of(model)}
    nested = {f"{parent}.{key}" for parent, model in _NESTED.items() for key in keys_of(model)}

    assert plain | nested | NOT_YET == HEADINGS


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_rules_file(example: str) -> None:
    assert read_rules(example).version == 1


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 6
