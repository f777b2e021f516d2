"""Waiting for what another process does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

_T = TypeVar("_T")


async def eventually(look: Callable[[], Awaitable[_T | None]], what: str, seconds: float = 30) -> _T:
    """Look until there is something to see, and give it; says what was waited for in vain."""
    try:
        async with asyncio.timeout(seconds):
            while not (found := await look()):  # noqa: ASYNC110 - another process tells nobody
                await asyncio.sleep(0.05)
            return found
    except TimeoutError as error:
        raise AssertionError(f"waited {seconds:.0f} s in vain for {what}") from error
