"""A span as the app wrote it into its trace file, one JSON object a line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from responder.core import instant
from responder.core.telemetry_names import Attr


@dataclass(frozen=True, slots=True)
class ToldSpan:
    """One finished span. Times are ticks of 100 ns; `error` is empty where it went well."""

    name: str
    trace_id: str
    span_id: str
    parent: str
    start: int
    end: int
    error: str
    attributes: Mapping[str, object]
    links: tuple[str, ...]  # the ids of the spans it follows from

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end - self.start) / instant.TICKS_PER_SECOND

    def text(self, attribute: Attr) -> str:
        """One attribute as text; empty where it has none."""
        return str(self.attributes.get(attribute.value, ""))


def read_spans(file: Path) -> list[ToldSpan]:
    """Every whole line of a trace file; none where there is no file yet."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    return [_span(json.loads(line)) for line in lines if line.endswith("\n")]


def _span(line: dict[str, Any]) -> ToldSpan:
    return ToldSpan(
        name=line["name"],
        trace_id=line["traceId"],
        span_id=line["spanId"],
        parent=line["parentSpanId"],
        start=instant.ticks(line["start"]),
        end=instant.ticks(line["end"]),
        error=line["status"]["message"] if line["status"]["code"] == "ERROR" else "",
        attributes=line["attributes"],
        links=tuple(link["spanId"] for link in line["links"]),
    )
