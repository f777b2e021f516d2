"""What is still to happen, in the order of the simulated clock.

Nothing sleeps: an action waits here until somebody asks for the present. It is told the time it was due, not the
time it was noticed, so a clock that jumps ten minutes leaves the same stamps as one that ticked through them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

Action = Callable[[datetime], None]


class Agenda:
    """Actions by due time; those due together keep the order in which they were written down."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, Action]] = []
        self._written = 0

    def at(self, when: datetime, action: Action) -> None:
        """Have `action(when)` happen once the clock has reached `when`."""
        heapq.heappush(self._entries, (when, self._written, action))
        self._written += 1

    def settle(self, now: datetime) -> None:
        """Do everything due by now, and what follows from it as far as that is due too."""
        while self._entries and self._entries[0][0] <= now:
            when, _, action = heapq.heappop(self._entries)
            action(when)
