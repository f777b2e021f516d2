"""How far a job of the sweep has come: kept between ticks, so that it goes on where it was and everybody can see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Progress:
    """One job. `note` is a sentence for people, `cursor` is the job's own memory."""

    job: str
    at: datetime | None = None  # when it last ran
    note: str = ""
    cursor: str = ""
    busy_until: datetime | None = None  # somebody runs it now, or died doing so

    def busy(self, now: datetime) -> bool:
        """Whether another host is at it."""
        return self.busy_until is not None and self.busy_until > now


def is_time(last: datetime | None, every: timedelta, now: datetime) -> bool:
    """Whether something that was last done at a time is to be done again; at once where it never was."""
    return last is None or now - last >= every
