"""How many ignored events get a line of log each, where no exporter and no file takes their spans.

A line costs more than the decision it tells (a tenth of a millisecond through the Functions host), and a scan of a
large estate brings thousands of events that no rule wants. So some a minute are told by themselves, and the rest of
that minute in one line with its reasons. Metrics and spans are not concerned: they tell every event.
"""

import logging
from collections import Counter
from datetime import datetime, timedelta

LINES = 60
MINUTE = timedelta(minutes=1)
_log = logging.getLogger("responder")


class IgnoredLines:
    """Counts the lines of the minute that began with its first event. One per process."""

    def __init__(self) -> None:
        self._begun: datetime | None = None
        self._said = 0
        self._rest: Counter[str] = Counter()

    def room(self, reason: str, now: datetime) -> bool:
        """Whether an event ignored for this reason is told by a line of its own; else it is counted for the rest."""
        if self._begun is None or now - self._begun >= MINUTE:
            self.tell_rest()
            self._begun, self._said = now, 0
        if self._said < LINES:
            self._said += 1
            return True
        self._rest[reason] += 1
        return False

    def tell_rest(self) -> None:
        """One line for those that had none."""
        if not self._rest:
            return
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in self._rest.most_common())
        _log.info(
            "%s more events were ignored within a minute: %s. Set an exporter or RESPONDER_TRACE_FILE to see each.",
            f"{self._rest.total():,}",
            reasons,
        )
        self._rest.clear()
