"""Events delivered as Event Grid does it: in batches, several at a time, and again where they were not taken."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from itertools import islice

import aiohttp

BATCH = 32
AT_ONCE = 2
_HEADERS = {"aeg-event-type": "Notification", "Content-Type": "application/json; charset=utf-8"}
_MOST_TRIES = 5


class NotTakenError(Exception):
    """The app did not take a batch, again and again; the message holds its last answer."""


async def deliver(webhooks: Sequence[str], events: Sequence[object], *, batch: int = BATCH) -> float:
    """Deliver every event to one of the apps; the seconds until the last was acknowledged.

    The bodies are made beforehand, so that only the app's time counts.
    """
    bodies = [json.dumps(part).encode() for part in _parts(events, batch)]
    waiting = iter(bodies)
    async with aiohttp.ClientSession() as session:
        begun = time.perf_counter()
        await asyncio.gather(*(_send(session, hook, waiting) for hook in webhooks for _ in range(AT_ONCE)))
        return time.perf_counter() - begun


async def _send(session: aiohttp.ClientSession, webhook: str, waiting: Iterable[bytes]) -> None:
    for body in waiting:
        for _ in range(_MOST_TRIES):
            async with session.post(webhook, data=body, headers=_HEADERS) as answer:
                told = await answer.text()
            if answer.status == 202:
                break
        else:
            raise NotTakenError(f"{answer.status}: {told[:300]}")


def _parts(events: Sequence[object], size: int) -> Iterable[list[object]]:
    rest = iter(events)
    while part := list(islice(rest, size)):
        yield part
