"""Queue triggers: one listener for each, with the batches, limits and poison queues of the storage extension.

A listener asks again at once while there is something, and ever more slowly while there is not. It fetches the
next batch when no more than `newBatchThreshold` messages are in work, so that at most `batchSize` more are.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from azure.core.exceptions import AzureError, ResourceExistsError
from azure.storage.queue.aio import QueueClient

from responder.local.host import background
from responder.local.host.app_settings import AppSettings
from responder.local.host.functions import Function, QueueTrigger
from responder.local.host.host_json import QueueOptions
from responder.local.host.invocations import Invocations
from responder.local.host.queue_message import NotBase64Error, ReceivedMessage
from responder.local.host.stop_flag import StopFlag
from responder.local.host.trouble import HostError
from responder.local.host.worker import Failed

log = logging.getLogger("responder.host")

_FIRST_PAUSE = 0.1
_CLOSE_TIMEOUT = 2.0


class QueueListener:
    """Reads one queue for one function, from `open` to `close`."""

    def __init__(
        self,
        function: Function,
        trigger: QueueTrigger,
        settings: AppSettings,
        options: QueueOptions,
        lease: timedelta,
        invocations: Invocations,
    ) -> None:
        self._function = function
        self._queue = _client(settings, trigger, trigger.queue)
        self._poison = _client(settings, trigger, f"{trigger.queue}-poison")
        self._options = options
        self._lease = lease
        self._invocations = invocations
        self._stopping = StopFlag()
        self._working: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Create the queue, as the extension does. `HostError` when storage does not answer or refuses."""
        try:
            await self._queue.create_queue()
        except ResourceExistsError:
            log.debug("%s exists", self._queue.queue_name)
        except AzureError as error:
            raise _unusable(self._queue, error) from error

    def listen(self) -> None:
        """Start taking messages."""
        self._loop = background.start(self._poll(), f"queue {self._queue.queue_name}")

    def pause(self) -> None:
        """Take no more messages; what is in work goes on."""
        self._stopping.set()

    async def close(self) -> None:
        """End what is left and close the connections."""
        self.pause()
        tasks = {*self._working, *([self._loop] if self._loop else [])}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_CLOSE_TIMEOUT)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._queue.close()
        await self._poison.close()

    async def _poll(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            if len(self._working) > self._options.new_batch_threshold:
                await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)
            elif await self._take():
                pause = _FIRST_PAUSE
            else:
                await self._stopping.set_within(pause)
                pause = min(pause * 2, self._options.max_polling_interval.total_seconds())

    async def _take(self) -> int:
        """Receive a batch, start its work, and say how many there were."""
        size = self._options.batch_size
        try:
            messages = [
                message
                async for message in self._queue.receive_messages(
                    messages_per_page=size,
                    max_messages=size,
                    visibility_timeout=int(self._lease.total_seconds()),
                )
            ]
        except AzureError as error:
            log.warning("Queue %s cannot be read: %s", self._queue.queue_name, _first_line(error))
            return 0
        # Those that arrive while we stop go back at once.
        work = self._give_back if self._stopping.is_set() else self._handle
        for message in messages:
            task = background.start(work(ReceivedMessage(message, self._queue, self._poison)), f"message {message.id}")
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        return len(messages)

    async def _give_back(self, message: ReceivedMessage) -> None:
        try:
            await message.show_again(timedelta(0))
        except AzureError as error:
            log.warning("Message %s comes again when its lease ends: %s", message.id, _first_line(error))

    async def _handle(self, message: ReceivedMessage) -> None:
        try:
            await self._settle(message)
        except AzureError as error:
            log.warning(
                "Message %s of %s will come again, because storage failed: %s",
                message.id,
                self._queue.queue_name,
                _first_line(error),
            )

    async def _settle(self, message: ReceivedMessage) -> None:
        """Run the function, then delete the message, show it again, or put it aside."""
        most = self._options.max_dequeue_count
        if message.deliveries > most or not await self._run(message):
            if message.deliveries >= most:
                await message.put_aside()
            else:
                await message.show_again(self._options.visibility_timeout)

    async def _run(self, message: ReceivedMessage) -> bool:
        """Run the function for a message; where that goes well, or cannot ever, the message is settled."""
        try:
            payload = message.payload(base64_encoded=self._options.base64)
        except NotBase64Error as error:
            log.warning("%s", error)
            await message.put_aside()
            return True
        async with message.kept(self._lease):
            outcome = await self._invocations.run(
                self._function, payload, metadata=message.metadata(), cause=f"message {message.id}"
            )
        if isinstance(outcome, Failed):
            return False
        await message.delete()
        return True


def _client(settings: AppSettings, trigger: QueueTrigger, queue: str) -> QueueClient:
    text = settings.storage(trigger.connection)
    try:
        # No retries by the SDK: the loop asks again anyway, and a start must not take a minute to fail.
        return QueueClient.from_connection_string(text, queue, retry_total=0, connection_timeout=5)
    except ValueError as error:
        raise HostError(f"The setting {trigger.connection} is not a storage connection string.") from error


def _unusable(queue: QueueClient, error: AzureError) -> HostError:
    # Without the query: it may be a shared access signature.
    return HostError(
        f"The storage at {queue.url.split('?')[0]} cannot be used; for a laptop start Azurite "
        f"(`make setup` installs it): {_first_line(error)}",
    )


def _first_line(error: AzureError) -> str:
    return error.message.splitlines()[0] if error.message else type(error).__name__
