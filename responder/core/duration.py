"""Lengths of time as Azure Policy writes them: ISO 8601 durations such as `PT10M` or `P1DT12H`.

Years and months are refused: they have no fixed length, and nothing here waits for "a month".
"""

import re
from datetime import timedelta

LONGEST = timedelta(days=3650)
_NUMBER = r"(\d{1,9}(?:\.\d{1,6})?)"
_SHAPE = re.compile(
    rf"P(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?P<clock>T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?", re.ASCII
)
_CALENDAR = re.compile(r"P[^T]*\d[YM]", re.ASCII)


class BadDuration(ValueError):
    """A text that is no duration, and why."""


def duration(text: str) -> timedelta:
    """Read an ISO 8601 duration of weeks, days, hours, minutes and seconds; raises `BadDuration`."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        if _CALENDAR.match(text):
            raise BadDuration(f"{text[:40]!r} counts years or months, which have no fixed length; use days")
        raise BadDuration(f"{text[:40]!r} is not of the form P1D, PT10M or P1DT2H30M")
    weeks, days, _, hours, minutes, seconds = (float(part) if _counts(part) else 0.0 for part in shape.groups())
    if shape["clock"] == "T" or not any(map(_counts, shape.groups())):
        raise BadDuration(f"{text[:40]!r} names no length; write PT0S for none at all")
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if length > LONGEST:
        raise BadDuration(f"{text[:40]!r} is longer than ten years")
    return length


def _counts(part: str | None) -> bool:
    return part is not None and not part.startswith("T")


def iso_duration(length: timedelta) -> str:
    """The length in words of ISO 8601: whole days as `P2D`, anything else in hours, minutes and seconds."""
    seconds, rest = divmod(length, timedelta(seconds=1))
    if rest:
        return f"PT{length.total_seconds():f}".rstrip("0") + "S"
    if seconds and seconds % 86400 == 0:
        return f"P{seconds // 86400}D"
    parts = ((seconds // 3600, "H"), (seconds % 3600 // 60, "M"), (seconds % 60, "S"))
    return "PT" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0S")
