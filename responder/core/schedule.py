"""How far apart the ticks of a six-field NCRONTAB schedule are at most, within a day.

The sweep calls a case overdue after two ticks, and must know how long that is whatever the schedule. Days and
months are not looked at: a sweep that does not run every day would be no sweep.
"""

from datetime import timedelta
from functools import lru_cache

_SPANS = (60, 60, 24)
_DAY = 24 * 3600


class BadSchedule(ValueError):
    """A text that is no six-field NCRONTAB schedule."""


@lru_cache(maxsize=8)
def longest_gap(schedule: str) -> timedelta:
    """The longest wait between two ticks; raises `BadSchedule`."""
    fields = schedule.split()
    if len(fields) != 6:
        raise BadSchedule(f"{schedule!r} has {len(fields)} fields; NCRONTAB has six, seconds first: '0 * * * * *'")
    seconds, minutes, hours = (_values(field, span) for field, span in zip(fields, _SPANS, strict=False))
    ticks = sorted(3600 * hour + 60 * minute + second for hour in hours for minute in minutes for second in seconds)
    gaps = [after - before for before, after in zip(ticks, [*ticks[1:], ticks[0] + _DAY], strict=True)]
    return timedelta(seconds=max(gaps))


def _values(field: str, span: int) -> set[int]:
    try:
        values = {value for part in field.split(",") for value in _part(part, span)}
    except ValueError as error:
        raise BadSchedule(f"{field!r} is no field of a schedule: {error}") from error
    if not values or min(values) < 0 or max(values) >= span:
        raise BadSchedule(f"{field!r} reaches beyond 0 to {span - 1}")
    return values


def _part(part: str, span: int) -> range:
    bounds, _, step = part.partition("/")
    every = int(step) if step else 1
    if every < 1:
        raise ValueError("a step is at least 1")
    if bounds == "*":
        return range(0, span, every)
    low, _, high = bounds.partition("-")
    last = int(high) if high else (span - 1 if step else int(low))
    return range(int(low), last + 1, every)
