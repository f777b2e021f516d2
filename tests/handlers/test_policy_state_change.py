"""What an event leaves behind for people: a span where spans go, and a line of log that no storm multiplies."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from handlers.policy_state_change import handle
from responder.adapters.ignored_lines import LINES, IgnoredLines
from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from responder.adapters.telemetry import start_telemetry
from responder.core.facts import Unread
from responder.core.rules import read_rules
from responder.wiring import Parts
from tests.scenarios.estates import RULES, an_event

NOT_READ = Unread("it has not been read yet")


def parts(trace_file: Path | None) -> Parts:
    """The parts that an event uses which the ledger never sees."""
    settings = Settings(storage=Storage(), trace_file=str(trace_file) if trace_file else None)
    told = SimpleNamespace(
        rules=read_rules(RULES),
        facts=SimpleNamespace(known=lambda *_: (NOT_READ, NOT_READ, NOT_READ)),
        telemetry=start_telemetry(settings),
        clock=lambda: datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
        new_id=lambda digits: "12" * (digits // 2),
        ignored=IgnoredLines(),
    )
    return cast(Parts, told)


async def test_an_ignored_event_is_a_line_of_log_where_no_span_tells_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "responder")

    await handle(an_event("break-glass-1"), "", parts(trace_file=None))

    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert "ignore (rule)" in caplog.text


async def test_a_storm_of_ignored_events_is_not_one_of_log_lines(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "responder")
    told = parts(trace_file=None)

    for number in range(LINES + 40):
        await handle(an_event(f"break-glass-{number}"), "", told)

    assert len(caplog.records) == LINES


async def test_an_ignored_event_is_a_span_and_no_line_of_log_where_spans_go(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO, "responder")

    await handle(an_event("break-glass-1"), "", parts(tmp_path / "traces.jsonl"))

    assert caplog.records == []
    assert '"responder.decision": "ignore"' in (tmp_path / "traces.jsonl").read_text(encoding="utf-8")


async def test_a_rejected_event_is_a_warning_and_a_span(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    await handle({"id": "e"}, "", parts(tmp_path / "traces.jsonl"))

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert '"responder.decision": "rejected"' in (tmp_path / "traces.jsonl").read_text(encoding="utf-8")
