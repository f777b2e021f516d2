"""One thread for what may hang: sending telemetry to somebody who does not answer.

A thread of its own, because the worker's few must not be used up; and a daemon, because the process must be able to end
while somebody does not answer. Who asks for what is waiting already waits for that, so nothing piles up.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue

Work = Callable[[], None]


class Background:
    """Does one piece of work after the other, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Work] = SimpleQueue()
        self._waiting: dict[Work, Future[None]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    async def run(self, work: Work, seconds: float) -> None:
        """Do it and wait for it; raises what it raises, or `TimeoutError` where it takes longer, and goes on."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def tell(future: "Future[None]") -> None:
            with suppress(RuntimeError):  # the loop may be gone by then
                loop.call_soon_threadsafe(_settle, done, future.exception())

        self._asked(work).add_done_callback(tell)
        async with asyncio.timeout(seconds):
            await done

    def _asked(self, work: Work) -> "Future[None]":
        with self._lock:
            if work in self._waiting:
                return self._waiting[work]
            future = self._waiting[work] = Future()
            self._queue.put(work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="telemetry", daemon=True)
                self._thread.start()
            return future

    def _work(self) -> None:
        while True:
            work = self._queue.get()
            with self._lock:
                future = self._waiting.pop(work)
            try:
                work()
            except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
                future.set_exception(error)
            else:
                future.set_result(None)


def _settle(done: "asyncio.Future[None]", error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
