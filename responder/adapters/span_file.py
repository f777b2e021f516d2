"""Finished spans as lines of JSON in a file: what a laptop, a test or a support case can read without a collector.

Several processes append to one file, so a line is written with a single `write` on a descriptor opened for
appending: the kernel then puts it at the end as a whole (POSIX, write with O_APPEND on a regular file).
"""

import json
import os

from responder.core import instant
from responder.core.span import Span


def write_spans(path: str, spans: tuple[Span, ...]) -> None:
    """Append the spans, all in one write; raises `OSError` where the file cannot be written."""
    lines = "".join(f"{_line(span)}\n" for span in spans).encode()
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        written = os.write(file, lines)
    finally:
        os.close(file)
    if written != len(lines):
        raise OSError(f"only {written} of {len(lines)} bytes fitted into {path}")


def _line(span: Span) -> str:
    """One line whoever reads it: what cannot be printed, such as an escape, is spelled `\\u009b`; letters stay."""
    text = json.dumps(record(span), ensure_ascii=False)
    return text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def record(span: Span) -> dict[str, object]:
    """One span as it stands in the file; times are ISO 8601 UTC with seven digits."""
    return {
        "name": span.name,
        "kind": span.kind,
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent_span_id,
        "start": instant.iso(span.start),
        "end": instant.iso(span.end),
        "status": {"code": "UNSET" if span.error is None else "ERROR", "message": span.error or ""},
        "attributes": dict(span.attributes),
        "links": [{"traceId": link.trace_id, "spanId": link.span_id} for link in span.links],
        "events": [],
    }
