"""When a timer fires: NCRONTAB, six fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from responder.local.host.ncrontab import Schedule, ScheduleError

# A Friday.
_NOW = datetime(2026, 11, 20, 13, 7, 42, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("* * * * * *", "2026-11-20 13:07:43", id="every second"),
        pytest.param("*/15 * * * * *", "2026-11-20 13:07:45", id="steps"),
        pytest.param("0 * * * * *", "2026-11-20 13:08:00", id="every minute"),
        pytest.param("0 */5 * * * *", "2026-11-20 13:10:00", id="every five minutes"),
        pytest.param("5,10,50 * * * * *", "2026-11-20 13:07:50", id="a list"),
        pytest.param("0 0 9-17 * * *", "2026-11-20 14:00:00", id="a range"),
        pytest.param("0 0 0-12/6 * * *", "2026-11-21 00:00:00", id="a range with a step"),
        pytest.param("0 30/10 13 * * *", "2026-11-20 13:30:00", id="a start with a step"),
        pytest.param("0 30 9 * Jan Mon", "2027-01-04 09:30:00", id="names"),
        pytest.param("0 0 0 * jan-MARCH sunday", "2027-01-03 00:00:00", id="names of any length and case"),
        pytest.param("0 0 0 * * 1-5", "2026-11-23 00:00:00", id="working days"),
        pytest.param("0 0 0 * * 0", "2026-11-22 00:00:00", id="Sunday is 0"),
        pytest.param("0 0 0 13 * Fri", "2027-08-13 00:00:00", id="day and weekday must both hold"),
        pytest.param("0 0 0 31 * *", "2026-12-31 00:00:00", id="months without that day are left out"),
        pytest.param("0 0 0 29 2 *", "2028-02-29 00:00:00", id="leap day"),
        pytest.param("0 0 0 1 1 *", "2027-01-01 00:00:00", id="next year"),
        pytest.param("*/5 * * * *", "2026-11-20 13:10:00", id="five fields are at second 0"),
    ],
)
def test_the_next_time_is_the_first_one_later_than_now(expression: str, expected: str) -> None:
    following = Schedule.parse(expression).after(_NOW)

    assert following == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_time_is_never_its_own_successor() -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)

    assert Schedule.parse("0 0 12 * * *").after(noon) == datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "six"),
        ("* * * *", "4 fields"),
        ("60 * * * * *", "second field, which goes from 0 to 59"),
        ("* * 24 * * *", "hour field"),
        ("* * * 0 * *", "day field"),
        ("* * * * Foo *", "month field"),
        ("* * * * * 7", "day of the week field"),
        ("*/0 * * * * *", "at least 1"),
        ("9-5 * * * * *", "backwards"),
        ("*-5 * * * * *", "everything"),
        ("1;2 * * * * *", "'1;2'"),
        ("5, * * * * *", "''"),
    ],
)
def test_what_is_not_ncrontab_is_refused_with_the_field_that_is_wrong(expression: str, said: str) -> None:
    with pytest.raises(ScheduleError, match=said):
        Schedule.parse(expression)


def test_a_date_that_does_not_exist_never_fires() -> None:
    with pytest.raises(ScheduleError, match="never fires"):
        Schedule.parse("0 0 0 30 2 *").after(_NOW)
