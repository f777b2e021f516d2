"""Delivery of events to the app, as Event Grid does it: one POST per event, again when it is not acknowledged.

Acknowledged is 200 to 204 within 30 seconds; 400, 401, 403 and 413 are not tried again.
https://learn.microsoft.com/azure/event-grid/delivery-and-retry. Event Grid waits 10 s, 30 s, 1 min, … between
tries; here the waits are shorter, because an app on a laptop is back sooner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from aiohttp import ClientError, ClientSession, ClientTimeout

from responder.local.simulator.clock import Clock
from responder.local.simulator.event import Raised

_WAITS = tuple(timedelta(seconds=each) for each in (1, 2, 5, 10, 30))
_ACKNOWLEDGED = range(HTTPStatus.OK, HTTPStatus.NO_CONTENT + 1)
_HOPELESS = frozenset({400, 401, 403, 413})


class Courier:
    """Carries events to wherever `where` says at the time."""

    def __init__(self, clock: Clock, where: Callable[[], str | None]) -> None:
        self._clock = clock
        self._where = where
        self._session: ClientSession | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, raised: Raised) -> None:
        """Deliver in the background."""
        carrying = asyncio.get_running_loop().create_task(self._carry(raised))
        self._under_way.add(carrying)
        carrying.add_done_callback(self._under_way.discard)

    async def drop(self) -> None:
        """Give up what is under way."""
        under_way = list(self._under_way)
        for carrying in under_way:
            carrying.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def close(self) -> None:
        """Give up what is under way and close the connections."""
        await self.drop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _carry(self, raised: Raised) -> None:
        for wait in (*_WAITS, None):
            target = self._where()
            if target is None:
                raised.status = "no-subscriber"
                return
            if await self._try(raised, target):
                raised.status = "delivered"
                return
            if wait is None or raised.last_outcome in _HOPELESS:
                raised.status = "failed"
                return
            await self._clock.wait_until(self._clock.now() + wait)

    async def _try(self, raised: Raised, target: str) -> bool:
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=30))
        raised.attempts += 1
        headers = {"aeg-event-type": "Notification", "aeg-delivery-count": str(raised.attempts - 1)}
        try:
            async with self._session.post(target, json=[raised.event], headers=headers) as answer:
                raised.last_outcome = answer.status
                return answer.status in _ACKNOWLEDGED
        except (ClientError, OSError, TimeoutError) as error:
            raised.last_outcome = f"{type(error).__name__}: {error}"
            return False
