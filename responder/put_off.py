"""A message about something that a newer version of this app wrote waits for that version.

While two versions run side by side, the older one may get a message whose case or resource it must not touch. Failing
would use up the message's five deliveries within seconds; so it goes back to its queue for some minutes instead. An
event that Event Grid pushes fails: Event Grid tries again by itself, with growing waits, for a day.
"""

import base64
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from responder.wiring import Parts

if TYPE_CHECKING:
    from azure.functions import QueueMessage

AGAIN_AFTER = timedelta(minutes=5)
_NEVER_EXPIRES = -1
_log = logging.getLogger("responder")


@asynccontextmanager
async def put_off_if_newer(
    queue: str, message: "QueueMessage", parts: Callable[[], Awaitable[Parts]]
) -> AsyncIterator[None]:
    """Around the work on one message: what only a newer version may do is put off, with the message as it was."""
    try:
        yield
    except Exception as error:
        from responder.adapters.case_rows import NewerRow

        if not isinstance(error, NewerRow):
            raise
        client = (await parts()).storage.queues.get_queue_client(queue)
        text = base64.b64encode(message.get_body()).decode()
        seconds = int(AGAIN_AFTER.total_seconds())
        await client.send_message(text, visibility_timeout=seconds, time_to_live=_NEVER_EXPIRES)
        _log.warning("message %s of %s is put off for %d minutes: %s", message.id, queue, seconds // 60, error)
