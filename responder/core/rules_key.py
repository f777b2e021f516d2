"""A key that is not known: what was probably meant, and where it would stand.

People write the right key in the wrong place (`resourceCount` beside `action`), the key of another tool
(`exclude`), or mistype. Each gets the sentence that mends it.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

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
from responder.core.rules_tests_model import ExpectKeys, RuleTestKeys

_BELOW: Mapping[str, type[BaseModel]] = {
    "": FileKeys,
    "defaults": SettingsKeys,
    "rules": RuleKeys,
    "match": BlockKeys,
    "unless": BlockKeys,
    "gather": GatherKeys,
    "task": TaskKeys,
    "poll": PollKeys,
    "retry": RetryKeys,
    "verify": VerifyKeys,
    "limits": LimitsKeys,
    "breaker": BreakerKeys,
    "windows": WindowKeys,
    "tests": RuleTestKeys,
    "expect": ExpectKeys,
}
_GROUPS = ("gather", "task", "poll", "retry", "verify")
_TOP_GROUPS = ("limits", "breaker")
_ELSEWHERE = {
    "exclude": "except",
    "excluded": "except",
    "notscopes": "except",
    "scope": "within",
    "scopes": "within",
    "include": "within",
    "default": "otherwise",
    "else": "otherwise",
    "where": "match",
    "when": "match",
    "if": "match",
    "not": "unless",
    "description": "because",
    "reason": "because",
    "effects": "effect",
    "policy": "definition",
    "policyassignment": "assignment",
    "policydefinition": "definition",
    "type": "resourceType",
    "region": "location",
    "window": "during",
    "schedule": "during",
    "delay": "wait",
    "backoff": "factor",
    "start": "from",
    "opens": "from",
    "end": "to",
    "until": "to",
    "closes": "to",
    "tz": "timeZone",
    "zone": "timeZone",
}
"""What other tools call it."""


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys as they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, whatever its case."""
    folded = {each.lower(): each for each in known}
    close = get_close_matches(word[:80].lower(), folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def unknown_key(steps: tuple[str | int, ...]) -> str:
    """The sentence about the key at the end of the steps, which is not known there."""
    key = str(steps[-1])
    parent = _parent(steps)
    known = keys_of(_BELOW[parent])
    meant = _ELSEWHERE.get(key.lower())
    close = meant if meant in known else closest(key, known)
    if moved := _misplaced(key, parent):
        return f"unknown key; {moved}"
    return f"unknown key; did you mean {close}?" if close else f"unknown key; known here are {', '.join(known)}"


def _parent(steps: tuple[str | int, ...]) -> str:
    """The key above, whatever list or name of a window lies between."""
    if steps[0] == "windows":
        return "windows"
    return next((step for step in reversed(steps[:-1]) if isinstance(step, str)), "")


def _misplaced(key: str, parent: str) -> str | None:
    """Where the key would be right, if it is spelled right."""
    if parent and key in keys_of(FileKeys) and key not in keys_of(RuleKeys):
        return f"it belongs at the top of the file, beside version, not in {parent}"
    if parent in ("rules", "defaults"):
        inside = next((group for group in _GROUPS if key in keys_of(_BELOW[group])), None)
        inside = "match" if parent == "rules" and key in keys_of(BlockKeys) else inside
        return f"write {inside}: {{{key}: …}}" if inside else None
    if parent == "":
        inside = next((group for group in _TOP_GROUPS if key in keys_of(_BELOW[group])), None)
        inside = "defaults" if key in keys_of(SettingsKeys) else inside
        return f"write {inside}: {{{key}: …}}" if inside else None
    if parent in (*_GROUPS, "match", "unless") and key in keys_of(RuleKeys):
        where = "in the rule or in defaults" if key in keys_of(SettingsKeys) else "in the rule"
        return f"write it {where}, not in {parent}"
    return None
