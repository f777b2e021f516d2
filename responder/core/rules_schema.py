"""The JSON Schema of a rules file, made from the models that read it, for editors.

It is a little wider than the language: what a schema cannot say (unique names, globs that make sense, a gathering
shorter than its start) only `validate` tells. Whatever reads as rules conforms to it; a test holds it to that.
"""

from collections.abc import Mapping

from pydantic import BaseModel

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
from responder.core.rules_words import BLOCK, FILE, RULE, SETTINGS

Schema = dict[str, object]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOISE = frozenset({"title", "default"})
_WORDS: Mapping[type[BaseModel], tuple[Mapping[str, str], str]] = {
    FileKeys: (FILE, ""),
    LimitsKeys: (FILE, "limits."),
    BreakerKeys: (FILE, "breaker."),
    WindowKeys: (FILE, "windows."),
    RuleKeys: ({**RULE, **SETTINGS}, ""),
    BlockKeys: (BLOCK, ""),
    SettingsKeys: (SETTINGS, ""),
    GatherKeys: (SETTINGS, "gather."),
    TaskKeys: (SETTINGS, "task."),
    PollKeys: (SETTINGS, "poll."),
    RetryKeys: (SETTINGS, "retry."),
    VerifyKeys: (SETTINGS, "verify."),
}
"""Each model with the words for its keys, and what they are filed under."""


def rules_schema() -> Schema:
    """The schema, 2020-12, with a description for every key."""
    made = FileKeys.model_json_schema(by_alias=True)
    parts = {model.__name__: model for model in _WORDS}
    definitions = {_short(name): _told(_plain(part), parts[name]) for name, part in made.pop("$defs").items()}
    return {
        "$schema": DIALECT,
        "title": "Rules of the Azure Policy responder",
        **_told(_plain(made), FileKeys),
        "$defs": definitions,
    }


def _told(part: Schema, model: type[BaseModel]) -> Schema:
    """The part of one model, with the words for its keys. Every key may be left out, and none may be null."""
    words, under = _WORDS[model]
    properties = part["properties"]
    if not isinstance(properties, dict):
        raise TypeError(f"the schema of {model.__name__} has no properties")
    told = {key: {"description": words[under + key], **_not_null(value)} for key, value in properties.items()}
    return {**part, "properties": told}


def _plain(value: object) -> Schema:
    """Without what pydantic adds for its own sake: titles and defaults. No key of ours is called so."""
    made = _cleaned(value)
    if not isinstance(made, dict):
        raise TypeError("a schema is an object")
    return made


def _cleaned(value: object) -> object:
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _cleaned(each) for key, each in value.items() if key not in _NOISE}
    return {**kept, "$ref": _short(str(kept["$ref"]))} if "$ref" in kept else kept


def _short(name: str) -> str:
    return name.removesuffix("Keys").lower()


def _not_null(value: Schema) -> Schema:
    choices = value.get("anyOf")
    if not isinstance(choices, list):
        return value
    kept = [each for each in choices if each != {"type": "null"}]
    rest = {key: each for key, each in value.items() if key != "anyOf"}
    return {**rest, **kept[0]} if len(kept) == 1 else {**rest, "anyOf": kept}
