"""The kinds of values that a window is written with: days, times of day, a time zone, dates.

Each raises a sentence that says what to write instead. YAML reads a bare `22:00` as 1320 and a bare `2026-12-24` as
a date: the first is refused, because nobody could tell what was meant, and the second is just what is wanted.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import Field, PlainValidator

from responder.core.rules_types import not_a_text
from responder.core.window import DAYS

_ORDER = {name.lower(): number for number, name in enumerate(DAYS)}
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_OF_THE_MACHINE = re.compile(r"localtime|posixrules|(posix|right)/.*", re.IGNORECASE | re.DOTALL)


def _days(value: object) -> tuple[int, ...]:
    written = value if isinstance(value, list) else [value]
    if not written:
        raise ValueError("the list is empty: the window would never open; name a day or leave the window out")
    return tuple(sorted({_day(each) for each in written}))


def _day(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError(not_a_text(value))
    number = _ORDER.get(value.lower())
    if number is None:
        meant = _ORDER.get(value[:3].lower())
        told = f"write {DAYS[meant]}" if meant is not None and value.isalpha() else f"days are {', '.join(DAYS)}"
        raise ValueError(f"{value[:40]!r} is no day; {told}")
    return number


def _time(value: object) -> time:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        raise ValueError(f'YAML reads it as the number {value}; put it in quotes: "{value // 60:02}:{value % 60:02}"')
    if not isinstance(value, str):
        raise ValueError(not_a_text(value))
    shape = _TIME.fullmatch(value)
    if shape is None:
        hint = '; midnight is "00:00"' if value == "24:00" else ""
        raise ValueError(f'{value[:40]!r} is no time of day from "00:00" to "23:59"{hint}')
    return time(int(shape[1]), int(shape[2]))


def _zone(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(not_a_text(value))
    if not _known(value):
        close = _closest(value)
        told = f"did you mean {close}?" if close else "such as Europe/Zurich or UTC"
        raise ValueError(f"{value[:60]!r} is no time zone of the IANA database; {told}")
    return value


def _known(name: str) -> bool:
    """Whether the database has it. What each machine may set for itself does not count."""
    if not name.isascii() or len(name) > 100 or _OF_THE_MACHINE.fullmatch(name):
        return False
    try:
        return ZoneInfo(name).key == name
    except (ZoneInfoNotFoundError, ValueError, OSError):  # some names are folders, some are no paths
        return False


def _closest(word: str) -> str | None:
    """The zone that was probably meant, whatever the case; a city alone will do."""
    close = get_close_matches(word[:80].strip().replace(" ", "_").lower(), _zones(), n=1, cutoff=0.75)
    return _zones()[close[0]] if close else None


@cache
def _zones() -> Mapping[str, str]:
    names = sorted(available_timezones())
    return {name.rpartition("/")[2].lower(): name for name in names} | {name.lower(): name for name in names}


def _dates(value: object) -> tuple[date, ...]:
    written = value if isinstance(value, list) else [value]
    return tuple(_date(each) for each in written)


def _date(value: object) -> date:
    if isinstance(value, datetime):
        raise ValueError(f"{value} is a time; write the date alone: {value:%Y-%m-%d}")
    if isinstance(value, date):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"{value} is not in the calendar") from error
    raise ValueError("it is no date such as 2026-12-24")


def _in_any_case(name: str) -> str:
    return "".join(f"[{letter.upper()}{letter.lower()}]" for letter in name)


_Day = Annotated[str, Field(pattern=f"^({'|'.join(map(_in_any_case, DAYS))})$", examples=["Tue"])]
_TimeOfDay = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
_Date = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-12-24"])]

Days = Annotated[tuple[int, ...], PlainValidator(_days, json_schema_input_type=_Day | list[_Day])]
TimeOfDay = Annotated[time, PlainValidator(_time, json_schema_input_type=_TimeOfDay)]
Zone = Annotated[str, PlainValidator(_zone, json_schema_input_type=str)]
Dates = Annotated[tuple[date, ...], PlainValidator(_dates, json_schema_input_type=_Date | list[_Date])]
