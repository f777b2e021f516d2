"""A flag that is raised once, and that can be waited for with a limit."""

from __future__ import annotations

import asyncio


class StopFlag:
    """Says that something is over. Waiting for it is how a loop here sleeps."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Raise it; it stays raised."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether it is raised."""
        return self._event.is_set()

    async def set_within(self, seconds: float) -> bool:
        """Wait at most so long, and say whether it is raised."""
        try:
            await asyncio.wait_for(self._event.wait(), max(seconds, 0))
        except TimeoutError:
            return False
        return True
