"""The queue of what is due: a case's id and a ticket, nothing else.

A message may be lost, late or doubled without harm. Delays are whole seconds, rounded up, and at most 7 days
(Azure Storage's limit for a message's visibility timeout); one that comes early is scheduled again for the rest.
"""

import base64
import json
import math
import re
from dataclasses import dataclass
from datetime import datetime

from azure.core.exceptions import ResourceExistsError
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from responder.core.case import Case

QUEUE = "responder-cases"
LONGEST_DELAY = 7 * 24 * 3600
_NEVER_EXPIRES = -1
_CASE, _TICKET = re.compile("[0-9a-f]{24}"), re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Ticket:
    """Which case is due, and under which ticket; another ticket on the row makes the message void."""

    case: str
    ticket: str


class BadTicket(ValueError):
    """A queue message that names no case."""


def read_ticket(body: bytes) -> Ticket:
    """Read a message's body; raises `BadTicket`. What it names becomes a table's key, so nothing else gets through."""
    try:
        document = json.loads(body)
        case, ticket = document["case"], document["ticket"]
        if _CASE.fullmatch(case) and _TICKET.fullmatch(ticket):
            return Ticket(case, ticket)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadTicket(f"{body[:80]!r} is not a case's ticket") from error
    raise BadTicket(f"{body[:80]!r} names no case, or no ticket")


class DueQueue:
    """Puts tickets on the queue; Functions takes them off."""

    def __init__(self, queues: QueueServiceClient) -> None:
        self._queue: QueueClient = queues.get_queue_client(QUEUE)

    async def ensure(self) -> None:
        """Create the queue where it is missing."""
        try:
            await self._queue.create_queue()
        except ResourceExistsError:
            return

    async def schedule(self, case: Case, now: datetime) -> None:
        """Put the case's ticket on the queue, visible when it is due; nothing where nothing is to come."""
        if case.due is not None:
            await self.put(Ticket(case.id, case.ticket), case.due, now)

    async def put(self, ticket: Ticket, at: datetime, now: datetime) -> None:
        """Put one ticket on the queue, visible at a time."""
        delay = min(max(0, math.ceil((at - now).total_seconds())), LONGEST_DELAY)
        text = base64.b64encode(json.dumps({"case": ticket.case, "ticket": ticket.ticket}).encode()).decode()
        await self._queue.send_message(text, visibility_timeout=delay, time_to_live=_NEVER_EXPIRES)
