"""Durations."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.duration import BadDuration, duration, iso_duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT10M", timedelta(minutes=10)),
        ("PT0S", timedelta(0)),
        ("PT1.5S", timedelta(seconds=1.5)),
        ("P2W", timedelta(weeks=2)),
        ("P1DT12H30M5S", timedelta(days=1, hours=12, minutes=30, seconds=5)),
        ("PT360M", timedelta(hours=6)),
    ],
)
def test_durations_are_read_as_azure_policy_writes_them(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "10M", "PT10", "pt10m", "-PT1M", "PT1M ", "P1H", "PT1D", "PT1H1H", "PT١M"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(BadDuration):
        duration(text)


@pytest.mark.parametrize("text", ["P1Y", "P1M", "P1Y2M3DT4H"])
def test_years_and_months_are_refused_because_they_have_no_fixed_length(text: str) -> None:
    with pytest.raises(BadDuration, match="no fixed length; use days"):
        duration(text)


def test_a_duration_that_no_clock_can_hold_is_refused() -> None:
    with pytest.raises(BadDuration, match="longer than ten years"):
        duration("P999999999W")


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3650)))
def test_what_is_written_is_read_back_the_same(length: timedelta) -> None:
    assert duration(iso_duration(length)) == length
