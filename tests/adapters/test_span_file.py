import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from responder.adapters.span_file import write_spans
from responder.core import instant
from responder.core.span import Link, Span

START = instant.ticks("2026-03-27T18:37:42.4496956Z")


def a_span(name: str = "remediation", error: str | None = None) -> Span:
    return Span(
        name=name,
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
        span_id="00f067aa0ba902b7",
        start=START,
        end=START + instant.TICKS_PER_SECOND,
        parent_span_id="00f067aa0ba902b6",
        kind="CONSUMER",
        attributes={"responder.resource": "größe\n2", "responder.deployments.total": 3},
        error=error,
        links=(Link("a" * 32, "b" * 16),),
    )


def test_a_line_holds_every_field_of_a_span(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"

    write_spans(str(path), (a_span(error="3 of 5 failed"),))

    assert json.loads(path.read_text("utf-8")) == {
        "name": "remediation",
        "kind": "CONSUMER",
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
        "spanId": "00f067aa0ba902b7",
        "parentSpanId": "00f067aa0ba902b6",
        "start": "2026-03-27T18:37:42.4496956Z",
        "end": "2026-03-27T18:37:43.4496956Z",
        "status": {"code": "ERROR", "message": "3 of 5 failed"},
        "attributes": {"responder.resource": "größe\n2", "responder.deployments.total": 3},
        "links": [{"traceId": "a" * 32, "spanId": "b" * 16}],
        "events": [],
    }


def test_lines_are_appended_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"

    write_spans(str(path), (a_span("one"), a_span("two")))
    write_spans(str(path), (a_span("three"),))

    assert [json.loads(line)["name"] for line in path.read_text().splitlines()] == ["one", "two", "three"]


def test_a_path_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        write_spans(str(tmp_path / "missing" / "traces.jsonl"), (a_span(),))


WRITER = """
import sys
from responder.adapters.span_file import write_spans
from responder.core.span import Span
for n in range(300):
    long = Span(f"{sys.argv[2]}-{n}", "a" * 32, "b" * 16, 1, 2, attributes={"responder.error.message": "x" * 9000})
    write_spans(sys.argv[1], (long,))
"""


def test_three_processes_share_a_file_and_no_line_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"
    root = str(Path(__file__).parents[2])

    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(n)], cwd=root, env={**os.environ})
        for n in range(3)
    ]
    ended = [writer.wait(60) for writer in writers]

    names = [json.loads(line)["name"] for line in path.read_text().splitlines()]
    assert ended == [0, 0, 0]
    assert sorted(names) == sorted(f"{writer}-{n}" for writer in range(3) for n in range(300))
