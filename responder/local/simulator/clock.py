"""Time as the simulator tells it: it may run fast, stand still, or be moved on.

A remediation takes minutes and a scan up to a day; nobody waits for that on a laptop. Whatever happens later is
written into the agenda with the time it is due, so moving the clock makes it happen at once.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """`speed` is simulated seconds per real second; 0 stops the clock, so that only `advance` moves it."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._set_at = time.monotonic()
        self._set_to = datetime.now(UTC)
        self._moved = asyncio.Event()

    @property
    def speed(self) -> float:
        """Simulated seconds per real second."""
        return self._speed

    def now(self) -> datetime:
        """The simulated time, aware and in UTC."""
        return self._set_to + timedelta(seconds=(time.monotonic() - self._set_at) * self._speed)

    def advance(self, by: timedelta) -> None:
        """Jump ahead."""
        self._set(self.now() + by, self._speed)

    def run_at(self, speed: float) -> None:
        """Go on from here at another speed."""
        self._set(self.now(), speed)

    async def wait_until(self, when: datetime) -> None:
        """Return when the clock shows `when` or later, however it got there."""
        while (left := (when - self.now()).total_seconds()) > 0:
            moved = self._moved
            try:
                await asyncio.wait_for(moved.wait(), left / self._speed if self._speed else None)
            except TimeoutError:
                continue

    def _set(self, to: datetime, speed: float) -> None:
        self._set_at, self._set_to, self._speed = time.monotonic(), to, speed
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
