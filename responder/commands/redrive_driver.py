"""Driving one thing again: judged, counted, put on its queue; in this order.

A crash after the count costs one try, a crash after the put drives it once more: an event or a ticket that comes twice
is harmless. With `dry_run` everything is judged alike and nothing is written.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from responder.adapters.case_rows import partition
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.due_queue import Ticket
from responder.adapters.ledger import CASES
from responder.adapters.poison import PoisonQueue
from responder.adapters.redriven import REDRIVEN, Redriven
from responder.adapters.storage import StorageClients
from responder.core import redrive
from responder.core.redrive import (
    Candidate,
    Keep,
    Kept,
    Standing,
    Terms,
    candidate_of_event,
    candidate_of_ticket,
    judge_event,
    judge_ticket,
)


class Answer(StrEnum):
    """What came of one thing that failed."""

    DRIVEN = "driven"
    BEFORE = "driven-before"  # from a blob that has to stay for something else
    KEPT = "kept"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that failed: where it lies, what it is about, what came of it and why."""

    where: str
    about: str
    answer: Answer
    reason: str = ""
    because: str = ""
    times: int = 0  # how often it was driven, this time included
    content: str = ""

    @property
    def done(self) -> bool:
        """Whether its place needs to hold it no longer."""
        return self.answer is not Answer.KEPT


class Driver:
    """Drives events and tickets under some terms, for a person with a name."""

    def __init__(self, clients: StorageClients, terms: Terms, who: str, dry_run: bool) -> None:
        self.terms = terms
        self.who = who
        self.dry_run = dry_run
        self.redriven = Redriven(ConditionalTable(clients.tables, REDRIVEN))
        self._cases = ConditionalTable(clients.tables, CASES)
        self._queues = {queue: PoisonQueue(clients.queues, queue) for queue in redrive.QUEUES}

    @property
    def now(self) -> datetime:
        """When this run began: all of it is judged by one time."""
        return self.terms.now

    async def event(self, where: str, event: object, blob: str = "") -> Finding:
        """Drive one event, unless it is kept or was driven from this blob already."""
        candidate = candidate_of_event(event)
        if isinstance(candidate, Kept):
            return kept(where, "no event", candidate)
        driven = await self.redriven.read(candidate.content)
        if blob and driven.from_blob(blob):
            return Finding(where, candidate.about, Answer.BEFORE, times=driven.times)
        refused = judge_event(event, candidate, driven.times, self.terms)
        return await self._answered(where, candidate, refused, driven.times)

    async def ticket(self, where: str, ticket: Ticket) -> Finding:
        """Drive one case's ticket, unless it is kept."""
        candidate = candidate_of_ticket(ticket.case, ticket.ticket)
        driven = await self.redriven.read(candidate.content)
        refused = judge_ticket(candidate, await self._standing(ticket), driven.times, self.terms)
        return await self._answered(where, candidate, refused, driven.times)

    async def _standing(self, ticket: Ticket) -> Standing:
        """By the row's own column, so that rows of any version can be asked."""
        found = await self._cases.get(partition(ticket.case), ticket.case)
        if found is None:
            return Standing.NO_CASE
        return Standing.IN_FORCE if found[0].get("ticket") == ticket.ticket else Standing.REPLACED

    async def _answered(self, where: str, candidate: Candidate, refused: Kept | None, driven: int) -> Finding:
        if refused is not None:
            return kept(where, candidate.about, refused, driven)
        times = driven + 1 if self.dry_run else await self._put(candidate)
        if times is None:
            because = "Somebody else drove it as often as is allowed, just now."
            return kept(where, candidate.about, Kept(Keep.DRIVEN_OFTEN, because), self.terms.most)
        return Finding(where, candidate.about, Answer.DRIVEN, times=times, content=candidate.content)

    async def _put(self, candidate: Candidate) -> int | None:
        content, most = candidate.content, self.terms.most
        times = await self.redriven.count(content, most, candidate.about, self.who, self.now)
        if times is not None:
            await self._queues[candidate.queue].drive(candidate.body)
        return times


def kept(where: str, about: str, because: Kept, times: int = 0) -> Finding:
    """The finding about something that stays where it is."""
    return Finding(where, about, Answer.KEPT, because.reason.value, because.because, times)
