"""Timer triggers: they fire by their schedule in UTC, and never while their last run is still going.

A time that passes during a run is left out. Nothing is remembered from one start to the next: in Azure a missed
time is made up for at the next start, here it is not.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

from responder.local.host import background
from responder.local.host.functions import Function, TimerTrigger
from responder.local.host.invocations import Invocations
from responder.local.host.messages import TypedData
from responder.local.host.stop_flag import StopFlag


class Timer:
    """One timer of the app, from `listen` to `close`."""

    def __init__(self, function: Function, trigger: TimerTrigger, invocations: Invocations) -> None:
        self._function = function
        self._trigger = trigger
        self._invocations = invocations
        self._last: datetime | None = None
        self._stopping = StopFlag()
        self._loop: asyncio.Task[None] | None = None

    def listen(self) -> None:
        """Start waiting for the next time."""
        self._loop = background.start(self._wait(), f"timer {self._function.name}")

    def pause(self) -> None:
        """Fire no more; a run that is going goes on."""
        self._stopping.set()

    async def close(self) -> None:
        """End what is left of a run."""
        self.pause()
        if self._loop:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def _wait(self) -> None:
        if self._trigger.run_on_startup:
            await self._fire(datetime.now(UTC))
        due = self._trigger.schedule.after(datetime.now(UTC))
        while not await self._stopped_before(due):
            await self._fire(due)
            # From `due` at least: a clock that is a little slow must not give the same time twice.
            due = self._trigger.schedule.after(max(due, datetime.now(UTC)))

    async def _stopped_before(self, due: datetime) -> bool:
        return await self._stopping.set_within((due - datetime.now(UTC)).total_seconds())

    async def _fire(self, due: datetime) -> None:
        await self._invocations.run(
            self._function,
            timer_request(self._trigger, due, self._last),
            cause=f"timer {due:%H:%M:%S}",
        )
        self._last = due


def timer_request(trigger: TimerTrigger, due: datetime, last: datetime | None) -> TypedData:
    """What a timer function is given, in the extension's own words."""
    never = datetime.min.replace(tzinfo=UTC)
    status = {
        "Last": (last or never).isoformat(),
        "Next": trigger.schedule.after(due).isoformat(),
        "LastUpdated": (last or never).isoformat(),
    }
    payload = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": False}
    return TypedData(json=json.dumps(payload))
