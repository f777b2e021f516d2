"""How long a command on a person's machine waits for Azure, and when it gives up.

The app never sleeps: a wait belongs in its queue. A survey has no queue, so it waits where it stands, as long as
`Retry-After` says, else longer each time, and tells the person. Both the waits and their number are bounded.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from responder.adapters.arm_error import ArmError

MOST_TRIES = 8
LONGEST_WAIT = timedelta(minutes=15)
_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_OWN_WAIT = timedelta(minutes=1)

Sleep = Callable[[timedelta], Awaitable[None]]
Tell = Callable[[str], None]


class Impatient(Exception):
    """Azure was asked often enough, or wants us to wait too long; one sentence with what to do."""


class Patience:
    """Waits between tries. `tell` hears of each wait; `sleep` is replaced where time must not pass."""

    def __init__(self, tell: Tell, sleep: Sleep | None = None) -> None:
        self._tell = tell
        self._sleep = sleep or _sleep
        self.waits = 0

    async def after(self, error: ArmError, tries: int) -> None:
        """Wait before the next try; raises `Impatient` after the last one, and the error where waiting is no help."""
        if not error.transient or error.code == "ForeignHost":
            raise error
        wait = error.retry_after if error.retry_after is not None else _own_wait(tries)
        if wait > LONGEST_WAIT:
            raise Impatient(f"{error.what}. Azure asks for {_spoken(wait)} of patience; try again then.") from error
        if tries >= MOST_TRIES:
            raise Impatient(f"{error.what}. It was tried {tries} times; try again later.") from error
        status = f"HTTP {error.status}" if error.status else "no answer"
        await self.wait(wait, f"waiting {_spoken(wait)} ({status})")

    async def wait(self, wait: timedelta, why: str) -> None:
        """Wait, and say so."""
        self.waits += 1
        self._tell(why)
        await self._sleep(wait)


def _own_wait(tries: int) -> timedelta:
    return min(_FIRST_WAIT * (1 << (tries - 1)), _LONGEST_OWN_WAIT)


def _spoken(wait: timedelta) -> str:
    seconds = wait.total_seconds()
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


async def _sleep(wait: timedelta) -> None:
    await asyncio.sleep(wait.total_seconds())
