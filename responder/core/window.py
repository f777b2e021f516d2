"""A maintenance window: when tasks may be opened, on the wall clocks of one time zone.

A window that passes midnight belongs to the day on which it opens: Tue 22:00 to 04:00 ends on Wednesday, whatever
is said of Wednesdays. On the nights when clocks are changed, a time that does not exist is the moment at which the
clocks jump past it; of a time that exists twice, a window opens at the first and closes at the second. What the wall
clocks of a zone show is data, from the IANA time zone database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FURTHEST = timedelta(days=400)
_DAY = timedelta(days=1)
_Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Window:
    """Opens at `opens` on each of `days` (0 is Monday) and closes at `closes`, the next day where that is no later.

    `zone` is an IANA time zone's name; on the dates of `closed_on` it does not open.
    """

    name: str
    days: tuple[int, ...]
    opens: time
    closes: time
    zone: str
    closed_on: tuple[date, ...] = ()

    def __str__(self) -> str:
        days = "every day" if len(self.days) == len(DAYS) else ", ".join(DAYS[day] for day in self.days)
        return f"{self.name} ({days} {self.opens:%H:%M} to {self.closes:%H:%M}, {self.zone})"


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a window is open, and until when (UTC): it closes then, or opens. `None` is beyond 400 days."""

    open: bool
    until: datetime | None
    because: str  # a sentence with local times, for the person at night


def opening(window: Window, now: datetime) -> Opening:
    """Whether the window is open at a moment, which must say its zone."""
    zone, furthest = ZoneInfo(window.zone), now + _FURTHEST
    begin, end = next((span for span in _joined(_spans(window, zone, now)) if span[1] > now), (furthest, furthest))
    if begin >= furthest:
        return Opening(False, None, f"Window {window} does not open within {_FURTHEST.days} days.")
    if begin > now:
        return Opening(False, begin, f"Window {window} is closed; it opens on {_told(begin, zone)}.")
    if end > furthest:
        return Opening(True, None, f"Window {window} is open for more than {_FURTHEST.days} days.")
    return Opening(True, end, f"Window {window} is open until {_told(end, zone)}.")


def _told(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{DAYS[local.weekday()]} {local:%Y-%m-%d %H:%M} {zone} ({moment:%H:%M} UTC)"


def _joined(spans: Iterator[_Span]) -> Iterator[_Span]:
    """The spans with those made one that meet. They begin, and end, in order."""
    begin, end = next(spans, (None, None))
    if begin is None or end is None:
        return
    for later, until in spans:
        if later > end:
            yield begin, end
            begin = later
        end = until
    yield begin, end


def _spans(window: Window, zone: ZoneInfo, now: datetime) -> Iterator[_Span]:
    """Each time that it is open, from a little before now on. One that the change of clocks swallows is none."""
    first = now.astimezone(zone).date() - 2 * _DAY
    for day in (first + _DAY * ahead for ahead in range(_FURTHEST.days + 4)):
        if day.weekday() in window.days and day not in window.closed_on:
            closing = day if window.opens < window.closes else day + _DAY
            begin = _moment(datetime.combine(day, window.opens), zone, again=False)
            end = _moment(datetime.combine(closing, window.closes), zone, again=True)
            if begin < end:
                yield begin, end


def _moment(wall: datetime, zone: ZoneInfo, again: bool) -> datetime:
    """When the clocks of a zone show this, in UTC; the second time (`again`) where they show it twice.

    Of a time that they jump past, PEP 495 gives two readings, one before the jump and one after it.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if second < first:
        return _jump(second, first, zone)
    return second if again else first


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second after a jump of the clocks."""
    was = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // timedelta(seconds=2) * timedelta(seconds=1)
        if middle.astimezone(zone).utcoffset() == was:
            before = middle
        else:
            after = middle
    return after
