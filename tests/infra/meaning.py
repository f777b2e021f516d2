"""What a template's values come to, as far as that stands in the files: variables, loaded JSON, loops over them.

Nothing is guessed: what only Azure knows stays an `Expression`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.infra.bicep import INFRA, Expression, Loop, Resource, Template, Value, templates

_PATH = re.compile(r"[A-Za-z_]\w*(\.\w+)*")
_LOADED = re.compile(r"loadJsonContent\('([^']+)'\)((?:\.\w+)*)")
_KEYS = re.compile(r"objectKeys\((.+)\)")
_HOLE = re.compile(r"\$\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Made:
    """One resource that a template makes; of a loop over what stands in the files, one for each turn."""

    template: Template
    resource: Resource
    body: dict[str, Value]

    @property
    def type(self) -> str:
        """Its type, without the version."""
        return self.resource.type

    @property
    def properties(self) -> dict[str, Value]:
        """Its properties."""
        found = self.body.get("properties", {})
        return found if isinstance(found, dict) else {}

    @property
    def name(self) -> str:
        """Its name, as far as it is known."""
        found = self.body.get("name")
        return found.text if isinstance(found, Expression) else str(found)


@cache
def deploy_facts() -> Mapping[str, Value]:
    """What `deploy.json` says."""
    facts: dict[str, Value] = json.loads((INFRA / "deploy.json").read_text(encoding="utf-8"))
    return facts


def made(kind: str = "") -> list[Made]:
    """Every resource that the templates make, or those of a type."""
    return [
        Made(template, resource, body)
        for template in templates()
        for resource in template.own()
        if kind in ("", resource.type)
        for body in _turns(template, resource)
    ]


def meaning(template: Template, told: Value, given: Mapping[str, Value] | None = None) -> Value:
    """A value with all that stands in the files put in; `given` are the variables of a loop."""
    match told:
        case dict():
            return {key: meaning(template, each, given) for key, each in told.items()}
        case list():
            return [meaning(template, each, given) for each in told]
        case Loop():
            return _of_loop(template, told, given or {})
        case Expression():
            return _of_expression(template, told, given or {})
    return told


def _turns(template: Template, resource: Resource) -> Iterator[dict[str, Value]]:
    turns = meaning(template, resource.loop[1]) if resource.loop else None
    names: list[Mapping[str, Value]] = [{}]
    if resource.loop and isinstance(turns, list):
        names = [{resource.loop[0]: turn} for turn in turns]
    for given in names:
        body = meaning(template, resource.body, given)
        assert isinstance(body, dict)
        yield body


def _of_loop(template: Template, loop: Loop, given: Mapping[str, Value]) -> Value:
    turns = meaning(template, loop.over, given)
    if not isinstance(turns, list):
        return loop
    return [meaning(template, loop.body, {**given, loop.variable: turn}) for turn in turns]


def _of_expression(template: Template, told: Expression, given: Mapping[str, Value]) -> Value:
    text = told.text
    if loaded := _LOADED.fullmatch(text):
        return _within(_json(template.path.parent / loaded[1]), loaded[2].split(".")[1:], told)
    if keys := _KEYS.fullmatch(text):
        inner = _of_expression(template, Expression(keys[1]), given)
        return list(inner) if isinstance(inner, dict) else told
    if text.startswith("'"):
        return _of_string(template, told, given)
    if not _PATH.fullmatch(text):
        return Expression(text, tuple(meaning(template, each, given) for each in told.inside))
    head, *path = text.split(".")
    if head in given:
        return _within(given[head], path, told)
    if head in template.variables:
        return _within(meaning(template, template.variables[head]), path, told)
    return told


def _of_string(template: Template, told: Expression, given: Mapping[str, Value]) -> Value:
    """An interpolated string, where every hole is known."""
    filled = [_of_expression(template, Expression(hole), given) for hole in _HOLE.findall(told.text)]
    if not all(isinstance(each, str) for each in filled):
        return told
    parts = iter(filled)
    return _HOLE.sub(lambda _: str(next(parts)), told.text[1:-1])


def _within(start: Value, path: list[str], otherwise: Expression) -> Value:
    for key in path:
        if not isinstance(start, dict) or key not in start:
            return otherwise
        start = start[key]
    return start


@cache
def _json(path: Path) -> Value:
    found: Value = json.loads(path.read_text(encoding="utf-8"))
    return found
