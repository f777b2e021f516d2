"""A storm of ignored events is not one of log lines, and none of it goes untold."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from responder.adapters.ignored_lines import LINES, MINUTE, IgnoredLines

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def a_storm(lines: IgnoredLines, events: int, at: datetime = NOON) -> int:
    """How many of so many events get a line of their own."""
    return sum(lines.room("no-rule-matches", at) for _ in range(events))


def test_the_first_of_a_minute_are_told_one_by_one() -> None:
    lines = IgnoredLines()

    assert a_storm(lines, LINES) == LINES
    assert a_storm(lines, 1_000, NOON + timedelta(seconds=59)) == 0
    assert a_storm(lines, 1, NOON + MINUTE) == 1


def test_the_rest_of_the_minute_is_one_line_with_its_reasons(caplog: pytest.LogCaptureFixture) -> None:
    lines = IgnoredLines()
    a_storm(lines, LINES + 1_234)
    lines.room("outside-boundary", NOON)

    with caplog.at_level(logging.INFO, "responder"):
        lines.room("no-rule-matches", NOON + MINUTE)
        lines.room("no-rule-matches", NOON + MINUTE)

    (told,) = caplog.messages
    assert told.startswith("1,235 more events were ignored within a minute: no-rule-matches 1,234, outside-boundary 1.")


def test_a_quiet_minute_adds_no_line(caplog: pytest.LogCaptureFixture) -> None:
    lines = IgnoredLines()
    a_storm(lines, LINES)

    with caplog.at_level(logging.INFO, "responder"):
        a_storm(lines, LINES, NOON + MINUTE)
        lines.tell_rest()

    assert caplog.messages == []
