"""Reading JSON documents of Resource Manager whose keys come in several cases.

Azure's own files spell `allOf` and `allof`, `version` and `Version`; Resource Manager compares names of
properties without case. So do these readers.
"""

from collections.abc import Mapping, Sequence


class BadDocument(ValueError):
    """A document that is not what Resource Manager returns, and what is wrong with it."""


def value_of(document: Mapping[str, object], key: str) -> object:
    """The value under a key, whatever its case; `None` where there is none."""
    if key in document:
        return document[key]
    folded = key.lower()
    return next((value for name, value in document.items() if name.lower() == folded), None)


def text_of(document: Mapping[str, object], key: str, what: str) -> str:
    """A text that must be there."""
    value = value_of(document, key)
    if not isinstance(value, str) or not value:
        raise BadDocument(f"{what} has no {key}")
    return value


def mapping_of(document: Mapping[str, object], key: str, what: str) -> Mapping[str, object]:
    """An object; empty where it is absent or null."""
    value = value_of(document, key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadDocument(f"{what}: {key} is a {type(value).__name__}, not an object")
    return value


def list_of(document: Mapping[str, object], key: str, what: str) -> Sequence[object]:
    """A list; empty where it is absent or null."""
    value = value_of(document, key)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadDocument(f"{what}: {key} is a {type(value).__name__}, not a list")
    return value


def objects_of(document: Mapping[str, object], key: str, what: str) -> tuple[Mapping[str, object], ...]:
    """A list of objects."""
    entries = list_of(document, key, what)
    for entry in entries:
        if not isinstance(entry, Mapping):
            raise BadDocument(f"{what}: {key} holds a {type(entry).__name__}, not only objects")
    return tuple(entry for entry in entries if isinstance(entry, Mapping))


def texts_of(document: Mapping[str, object], key: str, what: str) -> tuple[str, ...]:
    """A list of texts."""
    entries = list_of(document, key, what)
    if not all(isinstance(entry, str) for entry in entries):
        raise BadDocument(f"{what}: {key} holds something else than texts")
    return tuple(entry for entry in entries if isinstance(entry, str))


def properties_of(document: Mapping[str, object], what: str) -> Mapping[str, object]:
    """The `properties` object that every policy document has."""
    value = value_of(document, "properties")
    if not isinstance(value, Mapping):
        raise BadDocument(f"{what} has no properties object; give it as Resource Manager returns it")
    return value


def parameter_values(parameters: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Parameters by folded name: what lies under `value` or `defaultValue`; those without one are left out."""
    values = {name.lower(): value_of(entry, key) for name, entry in parameters.items() if isinstance(entry, Mapping)}
    return {name: value for name, value in values.items() if value is not None}
