"""One message while it is being worked on: hidden from others, then deleted, shown again or put aside.

A received message is hidden for a lease. As long as its function runs the lease is renewed, and each renewal
gives it a new receipt, which alone may delete it. When the host dies, the lease runs out and the message comes back.

https://learn.microsoft.com/rest/api/storageservices/update-message
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from responder.local.host.messages import TypedData
from responder.local.host.stop_flag import StopFlag

log = logging.getLogger("responder.host")


class NotBase64Error(ValueError):
    """A message is not what `messageEncoding` promises."""


class ReceivedMessage:
    """A message of `queue` that is ours until its lease ends."""

    def __init__(self, message: QueueMessage, queue: QueueClient, poison: QueueClient) -> None:
        self._message = message
        self._receipt: str | None = message.pop_receipt
        self._queue = queue
        self._poison = poison

    @property
    def id(self) -> str:
        """The message's id in its queue."""
        return str(self._message.id)

    @property
    def deliveries(self) -> int:
        """How often it has been received, this time included."""
        return int(self._message.dequeue_count or 0)

    def payload(self, *, base64_encoded: bool) -> TypedData:
        """The body as the worker is given it: text where it is text. `NotBase64Error` where it must be and is not."""
        content = str(self._message.content)
        if not base64_encoded:
            return TypedData(string=content)
        try:
            body = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise NotBase64Error(f"Message {self.id} of {self._queue.queue_name} is not base64.") from error
        try:
            return TypedData(string=body.decode())
        except UnicodeDecodeError:
            return TypedData(bytes=body)

    def metadata(self) -> dict[str, TypedData]:
        """What the extension tells the function about the message."""
        return {
            "Id": TypedData(string=self.id),
            "DequeueCount": TypedData(json=json.dumps(self.deliveries)),
            "PopReceipt": TypedData(string=self._receipt or ""),
            "InsertionTime": _time(self._message.inserted_on),
            "ExpirationTime": _time(self._message.expires_on),
            "NextVisibleTime": _time(self._message.next_visible_on),
        }

    @asynccontextmanager
    async def kept(self, lease: timedelta) -> AsyncIterator[None]:
        """Renew the lease, at half its length each time, while the block runs."""
        done = StopFlag()
        renewal = asyncio.create_task(self._renew(done, lease))
        try:
            yield
        finally:
            # Not cancelled: a renewal cut off between request and answer would lose the new receipt.
            done.set()
            await renewal

    async def delete(self) -> None:
        """Remove it: the work is done."""
        try:
            await self._queue.delete_message(self.id, self._receipt)
        except ResourceNotFoundError:
            log.warning("Message %s of %s was taken by another before it was done", self.id, self._queue.queue_name)

    async def show_again(self, after: timedelta) -> None:
        """Let it be received again after this time."""
        await self._hide(after)

    async def put_aside(self) -> None:
        """Move it to the poison queue as it is: first copy, then delete, so that it cannot be lost."""
        try:
            await self._poison.create_queue()
        except ResourceExistsError:
            log.debug("%s exists", self._poison.queue_name)
        await self._poison.send_message(self._message.content, time_to_live=-1)
        await self.delete()
        log.warning("Message %s of %s was put into %s", self.id, self._queue.queue_name, self._poison.queue_name)

    async def _renew(self, done: StopFlag, lease: timedelta) -> None:
        while not await done.set_within(lease.total_seconds() / 2):
            try:
                await self._hide(lease)
            except AzureError as error:
                log.warning("The lease of message %s could not be renewed: %s", self.id, error)

    async def _hide(self, time: timedelta) -> None:
        updated = await self._queue.update_message(self.id, self._receipt, visibility_timeout=int(time.total_seconds()))
        self._receipt = updated.pop_receipt


def _time(moment: datetime | None) -> TypedData:
    return TypedData(json=json.dumps(moment.isoformat() if moment else None))
