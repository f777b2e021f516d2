"""Points in time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.instant import BadInstant, caught_up, iso, moment, of, ticks

_YEARS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def test_seven_digits_are_kept_so_that_two_scans_in_one_microsecond_differ() -> None:
    assert ticks("2021-03-27T18:37:42.4496956Z") - ticks("2021-03-27T18:37:42.4496955Z") == 1


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2021-03-27T18:37:42Z", "2021-03-27T18:37:42.0000000Z"),
        ("2021-03-27T18:37:42.5Z", "2021-03-27T18:37:42.5000000Z"),
        ("2021-03-27T20:37:42+02:00", "2021-03-27T18:37:42.0000000Z"),
        ("2021-03-27t18:37:42z", "2021-03-27T18:37:42.0000000Z"),
        ("2021-03-27T18:37:42.123456789Z", "2021-03-27T18:37:42.1234567Z"),
        ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.9999999Z"),
    ],
)
def test_times_are_read_in_every_spelling_and_written_in_one(text: str, same: str) -> None:
    assert iso(ticks(text)) == same


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2021-03-27",
        "2021-03-27T18:37:42",
        "2021-02-30T00:00:00Z",
        "2021-03-27T25:00:00Z",
        "0000-01-01T00:00:00Z",
    ],
)
def test_what_is_no_point_in_time_is_refused(text: str) -> None:
    with pytest.raises(BadInstant):
        ticks(text)


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(BadInstant, match="no time zone"):
        of(datetime(2026, 1, 1))


def test_every_zone_is_the_same_moment() -> None:
    assert of(datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))) == of(datetime(2026, 1, 1, tzinfo=UTC))


@given(_YEARS)
def test_a_moment_survives_the_way_there_and_back(when: datetime) -> None:
    assert moment(of(when)) == when
    assert ticks(iso(of(when))) == of(when)


@given(_YEARS, _YEARS)
def test_ticks_are_in_the_order_of_time(one: datetime, other: datetime) -> None:
    assert (of(one) < of(other)) == (one < other)


@pytest.mark.parametrize(
    ("shown", "news", "caught"),
    [
        ("2021-03-27T18:37:42Z", "2021-03-27T18:37:42.4496956Z", True),
        ("2021-03-27T18:37:41Z", "2021-03-27T18:37:42.4496956Z", False),
        ("2021-03-27T18:37:42.4496956Z", "2021-03-27T18:37:42.4496956Z", True),
        ("2021-03-27T18:37:42.4496955Z", "2021-03-27T18:37:42.4496956Z", False),
        ("2021-03-27T18:37:43Z", "2021-03-27T18:37:42.4496956Z", True),
    ],
)
def test_a_whole_second_counts_for_all_that_lies_within_it(shown: str, news: str, caught: bool) -> None:
    assert caught_up(ticks(shown), ticks(news)) is caught
