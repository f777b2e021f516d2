"""Points in time as Azure writes them: 100 ns ticks.

Azure stamps scans with seven fractional digits; Python's `datetime` keeps six, so two scans within one
microsecond would tie. Whatever is compared is therefore an `int` of ticks since 1970-01-01 UTC, and
`datetime` (always aware, always UTC) is for our own clock only.
"""

import re
from datetime import UTC, datetime, timedelta

TICKS_PER_SECOND = 10_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHAPE = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)


class BadInstant(ValueError):
    """A text that names no point in time, or one without a time zone."""


def ticks(text: str) -> int:
    """Read an ISO 8601 date and time with a zone as 100 ns ticks since 1970; finer digits are cut off."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise BadInstant(f"{text[:64]!r} is not an ISO 8601 time with a zone, such as 2026-03-27T18:37:42.4496956Z")
    day, clock, fraction, zone = shape.groups()
    try:
        whole = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone in 'Zz' else zone}")
        return of(whole) + int((fraction or "0").ljust(7, "0")[:7])
    except (ValueError, OverflowError) as error:
        raise BadInstant(f"{text[:64]!r} is no point in time: {error}") from error


def of(moment: datetime) -> int:
    """The ticks of an aware `datetime`."""
    if moment.tzinfo is None:
        raise BadInstant(f"{moment.isoformat()} has no time zone")
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * TICKS_PER_SECOND + since.microseconds * 10


def moment(instant: int) -> datetime:
    """The aware UTC `datetime` of some ticks, rounded down to a microsecond."""
    return _EPOCH + timedelta(microseconds=instant // 10)


def iso(instant: int) -> str:
    """The ticks as Azure writes them: UTC, seven digits, `Z`."""
    seconds, rest = divmod(instant, TICKS_PER_SECOND)
    return f"{(_EPOCH + timedelta(seconds=seconds)).strftime('%Y-%m-%dT%H:%M:%S')}.{rest:07d}Z"


def caught_up(shown: int, news: int) -> bool:
    """Whether a scan time that Azure shows is at least as new as one we were told of.

    Policy states are printed with whole seconds in the REST examples and with seven digits in events
    (`2019-10-09T16:04:31Z` beside `…42.4496956Z`): a whole second counts for all that lies within it.
    """
    if shown % TICKS_PER_SECOND == 0:
        return shown >= news - news % TICKS_PER_SECOND
    return shown >= news
