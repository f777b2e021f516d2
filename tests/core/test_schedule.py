from datetime import timedelta

import pytest

from responder.core.schedule import BadSchedule, longest_gap


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("* * * * * *", 1),
        ("*/2 * * * * *", 2),
        ("0 * * * * *", 60),
        ("0 */5 * * * *", 300),
        ("0,20,30 * * * * *", 30),
        ("0 10-50/20 * * * *", 1200),
        ("0 0 6 * * *", 86400),
    ],
)
def test_the_longest_wait_between_two_ticks_is_known(schedule: str, seconds: int) -> None:
    assert longest_gap(schedule) == timedelta(seconds=seconds)


@pytest.mark.parametrize("schedule", ["", "* * * * *", "99 * * * * *", "x * * * * *", "*/0 * * * * *"])
def test_what_is_no_schedule_is_refused_with_words(schedule: str) -> None:
    with pytest.raises(BadSchedule):
        longest_gap(schedule)
