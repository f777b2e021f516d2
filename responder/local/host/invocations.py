"""Every run of a function goes through here: it is counted, timed and told in one line."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping

from responder.local.host import background, worker
from responder.local.host.functions import Function
from responder.local.host.messages import TypedData
from responder.local.host.worker import Failed, Outcome

log = logging.getLogger("responder.host")


class Invocations:
    """The runs of this host, from start to drain."""

    def __init__(self) -> None:
        self._background: set[asyncio.Task[Outcome]] = set()
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def running(self) -> int:
        """How many functions run at this moment."""
        return self._running

    async def run(
        self,
        function: Function,
        data: TypedData,
        *,
        metadata: Mapping[str, TypedData] | None = None,
        traceparent: str = "",
        cause: str,
    ) -> Outcome:
        """Run a function and log how it went; `cause` is the word a person reads: which event, which message."""
        self._running += 1
        self._idle.clear()
        begun = time.monotonic()
        try:
            outcome = await worker.invoke(function.id, function.parameter, data, metadata or {}, traceparent)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()
        _tell(function, cause, outcome, time.monotonic() - begun)
        return outcome

    def start(self, function: Function, data: TypedData, *, cause: str) -> None:
        """Run a function without waiting for it."""
        task = background.start(self.run(function, data, cause=cause), function.name)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def drained(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the last run to end, and say whether it has."""
        try:
            await asyncio.wait_for(self._idle.wait(), timeout)
        except TimeoutError:
            return False
        return True


def _tell(function: Function, cause: str, outcome: Outcome, seconds: float) -> None:
    spent = f"{seconds * 1000:.0f} ms"
    if not isinstance(outcome, Failed):
        log.info("%s succeeded in %s (%s)", function.name, spent, cause)
        return
    log.error("%s failed in %s (%s): %s", function.name, spent, cause, outcome.message)
    log.debug("%s", outcome.stack)
