"""The schema of the rules file: current, complete, and no narrower than the language."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from responder.core.rules import read_rules
from responder.core.rules_key import keys_of
from responder.core.rules_model import BlockKeys, FileKeys, RuleKeys, SettingsKeys
from responder.core.rules_schema import rules_schema
from responder.core.rules_words import BLOCK, FILE, RULE, SETTINGS

ROOT = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft202012Validator(rules_schema())
PAGES = [ROOT / "docs" / "rules.md", ROOT / "docs" / "estates.md"]
EXAMPLES = [
    text
    for page in PAGES
    for text in re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if "version: 1" in text
]


def test_the_committed_schema_is_current() -> None:
    assert json.loads((ROOT / "rules.schema.json").read_text(encoding="utf-8")) == rules_schema()


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(rules_schema())


def test_every_key_has_its_words_and_every_word_its_key() -> None:
    rule = set(keys_of(RuleKeys)) - set(keys_of(SettingsKeys))

    assert {key for key in FILE if "." not in key} == set(keys_of(FileKeys))
    assert (set(RULE), set(BLOCK)) == (rule, set(keys_of(BlockKeys)))
    assert {key for key in SETTINGS if "." not in key} == set(keys_of(SettingsKeys))


@pytest.mark.parametrize("text", [(ROOT / "rules.yaml").read_text(encoding="utf-8"), *EXAMPLES])
def test_what_reads_as_rules_conforms(text: str) -> None:
    read_rules(text)

    VALIDATOR.validate(json.loads(json.dumps(yaml.safe_load(text), default=str)))  # to an editor a date is a text


@pytest.mark.parametrize(
    "settings",
    [
        {"grace": "none"},
        {"grace": "P1DT2H30M"},
        {"cooldown": "PT1.5H"},
        {"cooldown": "P2W"},
        {"task": {"failureThreshold": "12.5 %", "locations": "West Europe", "resourceCount": 1}},
        {"enforcementModes": "Default"},
        {"retry": {"attempts": 1, "wait": "PT1S", "factor": 1.5}, "askFor": "PT1M", "during": "always"},
    ],
)
def test_every_way_to_write_a_setting_conforms(settings: dict[str, object]) -> None:
    file = {"version": 1, "defaults": settings}
    read_rules(json.dumps(file))

    VALIDATOR.validate(file)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "observe"},
        {"version": 2},
        {"version": 1, "modes": "observe"},
        {"version": 1, "within": None},
        {"version": 1, "rules": [{"name": "a"}]},
        {"version": 1, "rules": [{"name": "a", "action": "ignore", "match": {"colour": "red"}}]},
        {"version": 1, "rules": [{"name": "a", "action": "ignore", "match": {"tags": {"a": True}}}]},
        {"version": 1, "defaults": {"cooldown": "1h"}},
        {"version": 1, "defaults": {"task": {"failureThreshold": 10}}},
        {"version": 1, "defaults": {"task": {"resourceCount": 0}}},
        {"version": 1, "limits": {"perDefinition": 101}},
        {"version": 1, "windows": {"night": {"days": "Tuesday", "from": "22:00", "to": "04:00", "timeZone": "UTC"}}},
        {"version": 1, "windows": {"night": {"days": "Tue", "from": "22:00", "to": "04:00"}}},
    ],
)
def test_an_editor_marks_what_is_wrong(wrong: dict[str, object]) -> None:
    assert not VALIDATOR.is_valid(wrong)
