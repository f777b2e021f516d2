"""What the Functions worker and the queue hand over, as the mapping that the core parses.

Two schemas arrive at one door. The worker decides by the body, not by the annotation: one with `specversion` comes
as `func.CloudEvent`, any other as `func.EventGridEvent` (azure-functions >= 1.25). So we look at the attributes, and
need no import of either class. Nothing here refuses anything: odd content reaches the parse, which has a named
reason for it; an error raised here would make Event Grid deliver the same bytes for a day.
"""

import importlib
import json
from collections.abc import Mapping
from datetime import datetime

_EVENT_GRID = (
    ("id", "id"),
    ("topic", "topic"),
    ("subject", "subject"),
    ("eventType", "event_type"),
    ("eventTime", "event_time"),
    ("dataVersion", "data_version"),
)
_CLOUD_EVENTS = tuple((name, name) for name in ("id", "source", "type", "subject", "time", "specversion"))
_FORMATS_KEPT = 64


def keep_time_formats() -> None:
    """Let Python keep every format that the Functions library tries on an event's time.

    The library's sixth format is the one that fits (azure-functions 1.26, `meta.py`), and Python keeps five
    (`_strptime._CACHE_MAX_SIZE`): each event would compile them all anew, 0.08 of the 0.12 ms that its decoding takes.
    """
    strptime = importlib.import_module("_strptime")
    if getattr(strptime, "_CACHE_MAX_SIZE", _FORMATS_KEPT) < _FORMATS_KEPT:
        vars(strptime)["_CACHE_MAX_SIZE"] = _FORMATS_KEPT


def as_mapping(event: object) -> dict[str, object]:
    """The event as it was on the wire, in its own schema; what is missing is absent, `data` is as it came."""
    if hasattr(event, "specversion"):
        fields = _fields(event, _CLOUD_EVENTS)
        extensions = getattr(event, "extension_attrs", None)
        if isinstance(extensions, Mapping) and "traceparent" in extensions:
            fields["traceparent"] = extensions["traceparent"]
    else:
        fields = _fields(event, _EVENT_GRID)
    fields["data"] = _data(event)
    return fields


def _fields(event: object, names: tuple[tuple[str, str], ...]) -> dict[str, object]:
    told: dict[str, object] = {}
    for name, attribute in names:
        value = getattr(event, attribute, None)
        if value is not None:
            told[name] = value.isoformat() if isinstance(value, datetime) else value
    return told


def _data(event: object) -> object:
    """The event's data; a body that is no JSON after all is as good as none."""
    read = getattr(event, "get_json", None)
    try:
        return read() if callable(read) else None
    except ValueError:
        return None


def from_queue(body: bytes) -> object:
    """One message of Event Grid's queue delivery: the event as JSON text, or what the parse will reject by name.

    Event Grid puts one event into a message; an array of one is accepted too, because tools write it so.
    """
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return body[:200].decode("utf-8", "replace")  # a text is no event, and the parse says so
    return event[0] if isinstance(event, list) and len(event) == 1 else event
