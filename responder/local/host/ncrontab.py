"""NCRONTAB: six fields that say when a timer fires, `second minute hour day month day-of-week`.

    0 */5 * * * *          every five minutes
    30 0 22-23 * * Mon-Fri at 22:00:30 and 23:00:30 on working days

A field is a list of values, ranges and steps; months and days of the week have names; 0 is Sunday. When both
the day and the day of the week are restricted, both must hold, unlike Unix cron.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ITEM = re.compile(r"(?P<first>\*|\w+)(?:-(?P<last>\w+))?(?:/(?P<step>\d+))?", re.ASCII)

# A 29 February that must be a given day of the week comes back after 40 years at most.
_HORIZON = timedelta(days=366 * 41)


class ScheduleError(ValueError):
    """An expression is not NCRONTAB; the message names the field."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()

    def read(self, text: str) -> frozenset[int]:
        return frozenset(value for item in text.split(",") for value in self._item(item))

    def _item(self, text: str) -> range:
        found = _ITEM.fullmatch(text)
        if found is None:
            raise ScheduleError(f"{text!r} is not a value, range or step of the {self.name} field.")
        first, last, step = found["first"], found["last"], int(found["step"] or 1)
        if step == 0:
            raise ScheduleError(f"{text!r} in the {self.name} field steps by 0; a step is at least 1.")
        if first == "*":
            if last:
                raise ScheduleError(f"{text!r} in the {self.name} field is a range from everything.")
            return range(self.least, self.most + 1, step)
        start = self._value(first)
        # `5/15` means from 5 on to the end in steps of 15.
        end = self._value(last) if last else (self.most if found["step"] else start)
        if end < start:
            raise ScheduleError(f"{text!r} in the {self.name} field runs backwards.")
        return range(start, end + 1, step)

    def _value(self, text: str) -> int:
        if text.lower()[:3] in self.names and text.isalpha():
            return self.names.index(text.lower()[:3]) + self.least
        if not text.isdigit() or not self.least <= int(text) <= self.most:
            raise ScheduleError(
                f"{text!r} is outside the {self.name} field, which goes from {self.least} to {self.most}."
            )
        return int(text)


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 6, _DAYS),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a timer fires; made by `Schedule.parse`."""

    expression: str
    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    @classmethod
    def parse(cls, expression: str) -> Schedule:
        """Read six fields; five are read as NCRONTAB does, at second 0. `ScheduleError` names what is wrong."""
        parts = expression.split()
        if len(parts) == len(_FIELDS) - 1:
            parts = ["0", *parts]
        if len(parts) != len(_FIELDS):
            raise ScheduleError(
                f"{expression!r} has {len(parts)} fields; NCRONTAB has six: second minute hour day month day-of-week."
            )
        values = [field.read(part) for field, part in zip(_FIELDS, parts, strict=True)]
        return cls(expression, *values)

    def after(self, moment: datetime) -> datetime:
        """The first time later than `moment`, in its time zone. `ScheduleError` when there is none."""
        at = moment.replace(microsecond=0) + timedelta(seconds=1)
        end = moment + _HORIZON
        while at < end:
            later = self._skip(at)
            if later == at:
                return at
            at = later
        raise ScheduleError(f"{self.expression!r} never fires.")

    def _skip(self, at: datetime) -> datetime:
        """Leave the largest unit that does not match, or stay where all match."""
        if at.month not in self.months:
            return (at.replace(day=1, hour=0, minute=0, second=0) + timedelta(days=32)).replace(day=1)
        if at.day not in self.days or at.isoweekday() % 7 not in self.weekdays:
            return at.replace(hour=0, minute=0, second=0) + timedelta(days=1)
        if at.hour not in self.hours:
            return at.replace(minute=0, second=0) + timedelta(hours=1)
        if at.minute not in self.minutes:
            return at.replace(second=0) + timedelta(minutes=1)
        if at.second not in self.seconds:
            return at + timedelta(seconds=1)
        return at
