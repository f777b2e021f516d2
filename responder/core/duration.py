"""Lengths of time as Azure Policy writes them: ISO 8601 durations such as `PT10M` or `P1DT12H`.

Years and months are refused: they have no fixed length, and nothing here waits for "a month".
"""

import re
from datetime import timedelta

LONGEST = timedelta(days=3650)
_NUMBER = r"(\d{1,9}(?:\.\d{1,6})?)"
_SHAPE = re.compile(
    rf"P(?=.)(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?", re.ASCII
)
_SECONDS = (604_800, 86_400, 3_600, 60, 1)
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
    counts = (float(count or 0) for count in shape.groups())
    seconds = sum(count * unit for count, unit in zip(counts, _SECONDS, strict=True))
    if seconds > LONGEST.total_seconds():
        raise BadDuration(f"{text[:40]!r} is longer than ten years")
    return timedelta(seconds=seconds)


def iso_duration(length: timedelta) -> str:
    """The length in words of ISO 8601: whole days as `P2D`, anything else in hours, minutes and seconds."""
    seconds, rest = divmod(length, timedelta(seconds=1))
    if rest:
        return f"PT{length.total_seconds():f}".rstrip("0") + "S"
    if seconds and seconds % 86400 == 0:
        return f"P{seconds // 86400}D"
    parts = ((seconds // 3600, "H"), (seconds % 3600 // 60, "M"), (seconds % 60, "S"))
    return "PT" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0S")
