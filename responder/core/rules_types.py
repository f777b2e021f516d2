"""The kinds of values that a rules file holds beside plain ones: lengths, percentages, globs, scopes, tags.

Each raises a sentence that says what to write instead. YAML turns bare words into other things (`no` into false,
`2024-01-01` into a date), so nothing is ever taken for a text that is none.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from responder.core.boundary import BadScope, Scope, scope
from responder.core.duration import BadDuration, duration
from responder.core.facts import place
from responder.core.glob import BadGlob, Globs, globs

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)\s?%", re.ASCII)
EFFECTS = (
    *("addToNetworkGroup", "append", "audit", "auditIfNotExists", "deny", "denyAction"),
    *("deployIfNotExists", "disabled", "manual", "modify", "mutate"),
)
_OTHER_DURATION = re.compile(
    r"(\d{1,6})\s?(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)", re.ASCII | re.IGNORECASE
)
_KINDS = {bool: "a boolean", int: "a number", float: "a number", dict: "a mapping", list: "a list"}


def not_a_text(value: object) -> str:
    """Why something is no text, and what to do."""
    if value is None:
        return "it has no value; give one or leave the key out"
    if isinstance(value, dict | list):
        return f"it must be a text, but is {_KINDS[type(value)]}"
    return f"it must be a text, but YAML reads it as {_KINDS.get(type(value), 'a date')} ({value}); put it in quotes"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(not_a_text(value))
    return value


def _length(value: object) -> timedelta:
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f"a length of time needs its unit; write PT{value}S for seconds, PT{value}M for minutes")
    text = _text(value)
    try:
        return duration(text)
    except BadDuration as error:
        meant = _duration_meant(text)
        raise ValueError(f"{error}; did you mean {meant}?" if meant else str(error)) from error


def _duration_meant(text: str) -> str | None:
    """`90s`, `5 min` and `1h` as ISO 8601 has them."""
    shape = _OTHER_DURATION.fullmatch(text.strip())
    if shape is None:
        return None
    count, unit = shape[1], shape[2][0].upper()
    return f"P{count}{unit}" if unit in "DW" else f"PT{count}{unit}"


def _positive(value: object) -> timedelta:
    length = _length(value)
    if length < timedelta(seconds=1):
        raise ValueError("it must be at least PT1S")
    return length


def _a_minute(value: object) -> timedelta:
    length = _length(value)
    if length < timedelta(minutes=1):
        raise ValueError("it must be at least PT1M: a person has to read it and answer")
    return length


def _grace(value: object) -> timedelta | str:
    if value == "auto":
        return "auto"
    if value == "none":
        return timedelta(0)
    try:
        return _length(value)
    except ValueError as error:
        raise ValueError(f"it must be auto, none, or a duration: {error}") from error


def _ratio(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"a bare number may mean a ratio or a percentage; write {value}% if you mean per cent")
    shape = _PERCENT.fullmatch(_text(value).strip())
    if shape is None or float(shape[1]) > 100:
        raise ValueError(f"{value!r} is no percentage from 0% to 100%")
    return float(shape[1]) / 100


def _scope(value: object) -> Scope:
    text = _text(value)
    try:
        return scope(text)
    except BadScope as error:
        hint = f"; for a management group write /providers/Microsoft.Management/managementGroups/{text}"
        raise ValueError(f"{error}{hint if text and '/' not in text else ''}") from error


def _texts(value: object) -> list[str]:
    return [_text(each) for each in value] if isinstance(value, list) else [_text(value)]


def _globs(texts: list[str], *, segmented: bool = True) -> Globs:
    try:
        return globs(texts, segmented=segmented)
    except BadGlob as error:
        raise ValueError(str(error)) from error


def _ids(value: object) -> Globs:
    for text in _texts(value):
        if not text.startswith(("/", "**")):
            raise ValueError(f"{text!r} is compared with a whole id, which begins with '/'; write '**/{text}'")
    return _globs(_texts(value))


def _names(value: object) -> Globs:
    for text in _texts(value):
        if "/" in text:
            raise ValueError(
                f"{text!r} is compared with a name, which has no '/'; write the last segment only: {_last(text)!r}"
            )
    return _globs(_texts(value))


def _last(text: str) -> str:
    return text.rstrip("/").rpartition("/")[2]


def _types(value: object) -> Globs:
    for text in _texts(value):
        if "/" not in text and "**" not in text:
            raise ValueError(
                f"{text!r} is compared with a whole type such as Microsoft.KeyVault/vaults; '**/{text}' is that of any "
                "namespace"
            )
    return _globs(_texts(value))


def _effects(value: object) -> Globs:
    known = {effect.lower(): effect for effect in EFFECTS}
    for text in _texts(value):
        close = get_close_matches(text.lower(), known, n=1, cutoff=0.85)
        if "*" not in text and text.lower() not in known and close:
            raise ValueError(f"{text!r} is no effect of Azure Policy; did you mean {known[close[0]]}?")
    return _globs(_texts(value))


def _places(value: object) -> Globs:
    return _globs([place(text) for text in _texts(value)])


def _locations(value: object) -> tuple[str, ...]:
    found = tuple(place(text) for text in _texts(value))
    if not found or "" in found or any("*" in text for text in found):
        raise ValueError("it must name one location or several, such as westeurope; a task takes no wildcards")
    return found


def _modes(value: object) -> tuple[str, ...]:
    modes = tuple(_texts(value))
    if not modes or "" in modes:
        raise ValueError("it must name one enforcementMode or several: Default, DoNotEnforce")
    return modes


def _tag(value: object) -> tuple[Globs | None, bool]:
    """The globs a tag's value may match, and whether the tag may be absent (null)."""
    wanted = value if isinstance(value, list) else [value]
    if not wanted:
        raise ValueError("the list is empty and would match nothing")
    texts = [_text(each) for each in wanted if each is not None]
    if "" in texts:
        raise ValueError("it is empty; null means that the tag is absent, '**' that it has any value")
    return _globs(texts, segmented=False) if texts else None, None in wanted


def _written_as(read: Callable[[object], object], kind: object) -> PlainValidator:
    return PlainValidator(read, json_schema_input_type=kind)


_Duration = Annotated[str, Field(pattern=r"^P([0-9.]+[WD])*(T([0-9.]+[HMS])+)?$", examples=["PT10M", "P1DT12H"])]
_Percentage = Annotated[str, Field(pattern=r"^\s*[0-9.]+\s?%\s*$", examples=["10%"])]

Length = Annotated[timedelta, _written_as(_length, _Duration)]
PositiveLength = Annotated[timedelta, _written_as(_positive, _Duration)]
AnswerLength = Annotated[timedelta, _written_as(_a_minute, _Duration)]
Grace = Annotated[timedelta | str, _written_as(_grace, Literal["auto", "none"] | _Duration)]
Ratio = Annotated[float, _written_as(_ratio, _Percentage)]
ScopeEntry = Annotated[Scope, _written_as(_scope, str)]
IdGlobs = Annotated[Globs, _written_as(_ids, str | list[str])]
NameGlobs = Annotated[Globs, _written_as(_names, str | list[str])]
TypeGlobs = Annotated[Globs, _written_as(_types, str | list[str])]
EffectGlobs = Annotated[Globs, _written_as(_effects, str | list[str])]
PlaceGlobs = Annotated[Globs, _written_as(_places, str | list[str])]
Locations = Annotated[tuple[str, ...], _written_as(_locations, str | list[str])]
Modes = Annotated[tuple[str, ...], _written_as(_modes, str | list[str])]
TagWish = Annotated[tuple[Globs | None, bool], _written_as(_tag, str | list[str | None] | None)]
