"""A maintenance window: when tasks may be opened, on the wall clocks of one time zone."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class Window:
    """Opens at `opens` on each of `days` (0 is Monday) and closes at `closes`, the next day where that is earlier.

    `zone` is an IANA time zone's name; on the dates of `closed_on` it does not open.
    """

    name: str
    days: tuple[int, ...]
    opens: time
    closes: time
    zone: str
    closed_on: tuple[date, ...] = ()
