"""When a window is open, on the clocks of the zone it names."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from responder.core.window import Opening, Window, opening

MINUTE = timedelta(minutes=1)
EVERY_DAY = tuple(range(7))
TUESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 1, 3, 4, 5, 6
ZONES = ("Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
NIGHT = Window("night", (TUESDAY, THURSDAY), time(22), time(4), "Europe/Zurich")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(window: Window, moment: str) -> tuple[bool, datetime | None]:
    found = opening(window, utc(moment))
    return found.open, found.until


def on(day: int, opens: time, closes: time, zone: str) -> Window:
    return Window("once", (day,), opens, closes, zone)


@pytest.mark.parametrize(
    ("moment", "is_open", "until"),
    [
        ("2026-11-24 20:59", False, "2026-11-24 21:00"),  # Tuesday, in Zurich an hour later
        ("2026-11-24 21:00", True, "2026-11-25 03:00"),
        ("2026-11-25 02:59", True, "2026-11-25 03:00"),  # Wednesday, but of Tuesday's window
        ("2026-11-25 03:00", False, "2026-11-26 21:00"),
        ("2026-11-25 22:00", False, "2026-11-26 21:00"),  # no window opens on Wednesdays
        ("2026-11-27 12:00", False, "2026-12-01 21:00"),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_on_which_it_opens(moment: str, is_open: bool, until: str) -> None:
    assert told(NIGHT, moment) == (is_open, utc(until))


def test_on_an_excepted_date_it_does_not_open_but_the_night_before_still_ends_there() -> None:
    window = Window("night", EVERY_DAY, time(22), time(4), "UTC", (date(2026, 12, 24),))

    assert told(window, "2026-12-24 03:00") == (True, utc("2026-12-24 04:00"))
    assert told(window, "2026-12-24 23:00") == (False, utc("2026-12-25 22:00"))
    assert told(window, "2026-12-25 03:00") == (False, utc("2026-12-25 22:00"))


def test_a_window_that_closes_when_it_opens_lasts_a_day() -> None:
    window = Window("weekend", (SATURDAY, SUNDAY), time(0), time(0), "UTC")

    assert told(window, "2026-11-21 12:00") == (True, utc("2026-11-23 00:00"))
    assert told(window, "2026-11-23 00:00") == (False, utc("2026-11-28 00:00"))


def test_a_window_that_never_closes_and_one_that_never_opens_have_no_next_time() -> None:
    always = Window("always", EVERY_DAY, time(6), time(6), "Europe/Zurich")
    christmas = tuple(date(2026, 11, 24) + timedelta(days=7) * week for week in range(60))
    never = Window("never", (TUESDAY,), time(6), time(7), "Europe/Zurich", christmas)

    assert told(always, "2026-11-24 12:00") == (True, None)
    assert told(never, "2026-11-24 12:00") == (False, None)


@pytest.mark.parametrize(
    ("window", "moment", "is_open", "until"),
    [
        # Zurich, 2026-03-29: 02:00 becomes 03:00, at 01:00 UTC.
        (on(SUNDAY, time(2, 30), time(5), "Europe/Zurich"), "2026-03-29 00:59", False, "2026-03-29 01:00"),
        (on(SUNDAY, time(1), time(2, 30), "Europe/Zurich"), "2026-03-29 00:30", True, "2026-03-29 01:00"),
        (on(SUNDAY, time(2, 10), time(2, 50), "Europe/Zurich"), "2026-03-29 00:59", False, "2026-04-05 00:10"),
        # Zurich, 2026-10-25: 03:00 becomes 02:00, at 01:00 UTC; 02:30 is at 00:30 and at 01:30 UTC.
        (on(SUNDAY, time(2, 30), time(5), "Europe/Zurich"), "2026-10-25 00:00", False, "2026-10-25 00:30"),
        (on(SUNDAY, time(1), time(2, 30), "Europe/Zurich"), "2026-10-25 00:45", True, "2026-10-25 01:30"),
        (on(SATURDAY, time(22), time(2), "Europe/Zurich"), "2026-10-25 00:30", True, "2026-10-25 01:00"),
        # New York, 2026-03-08: 02:00 becomes 03:00, at 07:00 UTC; 2026-11-01: 02:00 becomes 01:00, at 06:00 UTC.
        (on(SUNDAY, time(2, 1), time(4), "America/New_York"), "2026-03-08 06:00", False, "2026-03-08 07:00"),
        (on(SUNDAY, time(0), time(1, 30), "America/New_York"), "2026-11-01 06:00", True, "2026-11-01 06:30"),
        # Lord Howe changes by half an hour: 2026-10-04, 02:00 becomes 02:30, at 15:30 UTC of the day before.
        (on(SUNDAY, time(2, 15), time(3), "Australia/Lord_Howe"), "2026-10-03 15:00", False, "2026-10-03 15:30"),
        (on(SUNDAY, time(1), time(2, 45), "Australia/Lord_Howe"), "2026-10-03 15:29", True, "2026-10-03 15:45"),
        # Apia had no 2011-12-30, a Friday: Thursday ended at 10:00 UTC and Saturday began.
        (on(FRIDAY, time(10), time(18), "Pacific/Apia"), "2011-12-30 09:00", False, "2012-01-05 20:00"),
        (on(THURSDAY, time(22), time(4), "Pacific/Apia"), "2011-12-30 09:00", True, "2011-12-30 10:00"),
    ],
)  # fmt: skip
def test_a_time_that_does_not_exist_is_the_jump_and_one_that_exists_twice_opens_early_and_closes_late(
    window: Window, moment: str, is_open: bool, until: str
) -> None:
    assert told(window, moment) == (is_open, utc(until))


def test_the_sentence_has_the_local_time_and_the_zone_for_the_person_at_night() -> None:
    closed = opening(NIGHT, utc("2026-07-06 12:00")).because
    opened = opening(NIGHT, utc("2026-07-07 21:00")).because

    assert closed == (
        "Window night (Tue, Thu 22:00 to 04:00, Europe/Zurich) is closed; "
        "it opens on Tue 2026-07-07 22:00 Europe/Zurich (20:00 UTC)."
    )
    assert opened.endswith("is open until Wed 2026-07-08 04:00 Europe/Zurich (02:00 UTC).")


CHANGES = {  # a moment near which the clocks of the zone are changed
    "Europe/Zurich": ("2026-03-29 01:00", "2026-10-25 01:00"),
    "America/New_York": ("2026-03-08 07:00", "2026-11-01 06:00"),
    "Australia/Lord_Howe": ("2026-04-04 15:00", "2026-10-03 15:30"),
    "Pacific/Apia": ("2011-12-30 10:00", "2011-09-24 11:00"),
    "UTC": ("2026-01-01 00:00", "2026-11-21 00:00"),
}
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))


@cache
def _wall_clock(zone: str, around: str) -> tuple[tuple[datetime, datetime], ...]:
    """What the clocks of a zone show in each minute of a week."""
    start = utc(around) - timedelta(days=4)
    minutes = (start + MINUTE * ahead for ahead in range(8 * 24 * 60))
    return tuple((each, each.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for each in minutes)


def _shown(minutes: tuple[tuple[datetime, datetime], ...], wall: datetime, last: bool) -> datetime:
    """The first or the last minute that shows this; where none does, the first that shows more."""
    found = [moment for moment, local in minutes if local == wall]
    if found:
        return found[-1 if last else 0]
    return next((moment for moment, local in minutes if local > wall), minutes[-1][0] + MINUTE)


def _by_the_minute(window: Window, now: datetime, minutes: tuple[tuple[datetime, datetime], ...]) -> bool:
    days = sorted({local.date() for _, local in minutes} | {date(2011, 12, 30)})
    for day in days[1:-1]:
        if day.weekday() not in window.days or day in window.closed_on:
            continue
        end = day if window.opens < window.closes else day + timedelta(days=1)
        begins = _shown(minutes, datetime.combine(day, window.opens), last=False)
        if begins <= now < _shown(minutes, datetime.combine(end, window.closes), last=True):
            return True
    return False


@st.composite
def _moments(draw: st.DrawFn) -> tuple[Window, datetime, str]:
    zone = draw(st.sampled_from(ZONES))
    around = draw(st.sampled_from(CHANGES[zone]))
    days = tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1))))
    near = utc(around).date()
    closed = draw(st.lists(st.sampled_from([near + timedelta(days=ahead) for ahead in range(-2, 3)]), max_size=2))
    window = Window("any", days, draw(TIMES), draw(TIMES), zone, tuple(closed))
    return window, utc(around) + MINUTE * draw(st.integers(-24 * 60, 24 * 60)), around


@given(_moments())
@settings(deadline=None, max_examples=150)
def test_it_is_open_exactly_in_the_minutes_between_what_the_clocks_show(drawn: tuple[Window, datetime, str]) -> None:
    window, now, around = drawn

    assert opening(window, now).open is _by_the_minute(window, now, _wall_clock(window.zone, around))


@given(_moments())
@settings(deadline=None, max_examples=150)
def test_it_changes_when_it_says_and_not_before(drawn: tuple[Window, datetime, str]) -> None:
    window, now, _ = drawn
    found = opening(window, now)
    assume(found.until is not None)

    then: Opening = opening(window, found.until or now)

    assert (found.until or now) > now
    assert then.open is not found.open
    assert opening(window, (found.until or now) - timedelta(seconds=1)).open is found.open
