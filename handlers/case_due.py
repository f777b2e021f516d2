"""A case is due: claim it, take its next step, write what came of it.

The message carries an id and a ticket and may be lost, late or doubled without harm: whoever gets it reads the
case first. Where news came in while the step was taken, the step is taken again.
"""

import logging

from responder.adapters.due_queue import read_ticket
from responder.adapters.ledger import Claimed, Dropped
from responder.outcomes import published_soon, written_down
from responder.perform import count, perform
from responder.wiring import Parts

_log = logging.getLogger("responder")


async def handle(body: bytes, parts: Parts) -> None:
    """Take the step of the case that one ticket names. Raises `BadTicket`: such a message ends as poison."""
    ticket = read_ticket(body)
    claim = await parts.ledger.claim(ticket, parts.clock())
    if isinstance(claim, Dropped):
        return _log.debug("ticket %s of case %s moves nothing: %s", ticket.ticket, ticket.case, claim.because)
    held: Claimed | None = claim
    while held is not None:
        performed = await perform(held, parts)
        told = await written_down(held.case, performed.what, performed.ended, performed.case, parts)
        held = await parts.ledger.settle(held, performed.case, parts.clock(), performed.afterwards)
        if held is None:
            count(performed, parts)
            await published_soon(told, parts)
    return None
