"""The recipes of `docs/outcomes.md` name only what an outcome event has; its example is one."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from responder.core.outcome import Outcome
from responder.core.outcome_event import EventType
from tests.core.outcome_builders import SCHEMA, breaches

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "outcomes.md").read_text(encoding="utf-8")
RECIPES = {path.name: path.read_text(encoding="utf-8") for path in sorted((DOCS / "recipes").glob("*.json"))}
_DATA = re.compile(r"outputs\('Event'\)\?\['data'\]\?\['(\w+)'\]")
_ATTRIBUTE = re.compile(r"outputs\('Event'\)\?\['(\w+)'\]")
_WORDS = re.compile(r"createArray\(([^)]*)\)")
_TYPES = re.compile(r"responder\.remediation\.[a-z-]+")


def keys_of_data() -> set[str]:
    """Every key that some type of event has."""
    return {key for kind in SCHEMA["$defs"].values() for key in kind["properties"]}


@pytest.mark.parametrize("text", [PAGE, *RECIPES.values()], ids=["outcomes.md", *RECIPES])
def test_a_recipe_reads_only_keys_that_events_have(text: str) -> None:
    read, attributes = set(_DATA.findall(text)), set(_ATTRIBUTE.findall(text))

    assert len(read) >= 3
    assert read <= keys_of_data()
    assert attributes <= set(SCHEMA["properties"]) | {"data"}


@pytest.mark.parametrize("text", [PAGE, *RECIPES.values()], ids=["outcomes.md", *RECIPES])
def test_a_recipe_asks_only_for_words_that_are_told(text: str) -> None:
    words = {word for listed in _WORDS.findall(text) for word in re.findall(r"'([a-z-]+)'", listed)}
    types = set(_TYPES.findall(text))

    assert words
    assert words <= {outcome.value for outcome in Outcome}
    assert types <= {kind.value for kind in EventType}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_a_workflow_whose_actions_follow_each_other(name: str) -> None:
    definition = json.loads(RECIPES[name])["definition"]

    after = {before for action in definition["actions"].values() for before in action["runAfter"]}

    assert after == set(definition["actions"]) - {"Complete"}
    assert f"recipes/{name}" in PAGE
    assert _used(RECIPES[name]) == set(definition["parameters"])


def _used(text: str) -> set[str]:
    return set(re.findall(r"parameters\('([$\w]+)'\)", text))


def test_the_example_is_an_event() -> None:
    example: Any = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])

    assert breaches(example) == []


def test_the_page_explains_every_type_and_what_is_said_of_its_own() -> None:
    own = {key for kind in SCHEMA["$defs"].values() for key in kind["properties"]} - _common()

    assert [kind.value for kind in EventType if f"`{kind.value}`" not in PAGE] == []
    assert {key for key in own if f"`{key}`" not in PAGE} <= {"effect", "contested"}


def _common() -> set[str]:
    keys = [set(kind["properties"]) for kind in SCHEMA["$defs"].values()]
    return set.intersection(*keys)
