"""What was read from Resource Manager, remembered for a while: read once at a time, and bounded.

Hundreds of events speak of the same assignment within seconds: whoever asks first reads, everybody else waits for
that one read. What cannot be read is said so (`Unread`) and asked again soon; it is never taken for an answer.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from responder.core.facts import Missing, Unread

_UNREAD_FOR = timedelta(seconds=30)
_MISSING_FOR = timedelta(seconds=60)
NOT_ASKED = Unread("it has not been read yet")
_K = TypeVar("_K")
_T = TypeVar("_T")


class Remembered(Generic[_K, _T]):
    """One kind of fact, by key. `fetch` raises nothing: what goes wrong is its `Unread`."""

    def __init__(
        self,
        fetch: Callable[[_K], Awaitable[_T | Missing | Unread]],
        clock: Callable[[], datetime],
        ttl: timedelta,
        most: int,
    ) -> None:
        self._fetch, self._clock, self._ttl, self._most = fetch, clock, ttl, most
        self._kept: OrderedDict[_K, tuple[datetime, _T | Missing | Unread]] = OrderedDict()
        self._reading: dict[_K, asyncio.Task[_T | Missing | Unread]] = {}

    def known(self, key: _K) -> _T | Missing | Unread:
        """What is remembered and not too old, without asking."""
        kept = self._kept.get(key)
        return kept[1] if kept is not None and self._clock() < kept[0] else NOT_ASKED

    async def read(self, key: _K) -> _T | Missing | Unread:
        """What is remembered, or else read; askers at the same time share one read."""
        if (fact := self.known(key)) is not NOT_ASKED:
            return fact
        task = self._reading.get(key)
        if task is None:
            task = self._reading[key] = asyncio.create_task(self._ask(key))
            task.add_done_callback(lambda _done: self._reading.pop(key, None))
        # One asker that is cancelled must not take the read away from the others.
        return await asyncio.shield(task)

    async def _ask(self, key: _K) -> _T | Missing | Unread:
        fact = await self._fetch(key)
        match fact:
            case Unread():
                kept_for = _UNREAD_FOR
            case Missing():
                kept_for = _MISSING_FOR
            case _:
                kept_for = self._ttl
        self._kept.pop(key, None)
        self._kept[key] = (self._clock() + kept_for, fact)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return fact
