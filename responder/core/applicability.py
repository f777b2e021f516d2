"""Which resource types the `if` of a policy definition can match, as far as that can be told.

Only what is certain counts: a condition that is not understood may match any type. It is asked for one thing,
whether a task on a resource group or a subscription can reach anything but that very group or subscription.
"""

from collections.abc import Iterable, Mapping

from responder.core.documents import value_of

_DEEPEST = 50  # conditions within conditions; nobody writes that many, and each takes from the stack
Types = frozenset[str] | None
"""Folded resource types; `None` means that it may be any."""


def resource_types(condition: object, depth: int = 0) -> Types:
    """The types that a condition can match at most; `None` where that cannot be told."""
    if not isinstance(condition, Mapping) or depth > _DEEPEST:
        return None
    if isinstance(every := value_of(condition, "allOf"), list):
        return _common(resource_types(part, depth + 1) for part in every)
    if isinstance(some := value_of(condition, "anyOf"), list):
        return _together([resource_types(part, depth + 1) for part in some])
    field = value_of(condition, "field")
    if isinstance(field, str) and field.lower() == "type":
        return _named(condition)
    return None


def _common(parts: Iterable[Types]) -> Types:
    known = [types for types in parts if types is not None]
    return frozenset.intersection(*known) if known else None


def _together(parts: list[Types]) -> Types:
    known = [types for types in parts if types is not None]
    return frozenset[str]().union(*known) if known and len(known) == len(parts) else None


def _named(condition: Mapping[str, object]) -> Types:
    equals, among = value_of(condition, "equals"), value_of(condition, "in")
    names = [equals] if equals is not None else among if isinstance(among, list) else []
    if not names or not all(_literal(name) for name in names):
        return None
    return frozenset(str(name).lower() for name in names)


def _literal(name: object) -> bool:
    """Whether a value is a plain text and no template expression (`[parameters('type')]`)."""
    return isinstance(name, str) and not name.startswith("[")
