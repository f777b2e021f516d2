"""A span that is to be told, as a value: names, ids and times are settled before any telemetry library sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Attribute = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Link:
    """Another span that this one follows from."""

    trace_id: str  # 32 hexadecimal digits
    span_id: str  # 16 hexadecimal digits


@dataclass(frozen=True, slots=True)
class Span:
    """One finished span. Times are ticks; ids are derived, so that telling it twice tells the same."""

    name: str
    trace_id: str
    span_id: str
    start: int
    end: int
    parent_span_id: str = ""
    kind: Literal["INTERNAL", "CONSUMER", "CLIENT"] = "INTERNAL"
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    error: str | None = None  # the message of an ERROR status; None where it went well
    links: tuple[Link, ...] = ()
