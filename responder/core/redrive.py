"""Which of the messages that failed are driven again, and why the others are kept.

What failed is an event (from Event Grid's dead letters or a poison queue) or a case's ticket. Each is driven at most so
many times, counted by its content, so that the count survives its coming back by another way. What is kept stays where
it is, with its reason; only what can never be driven may be dropped, when a person says so.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from responder.core import instant
from responder.core.admission import timely
from responder.core.dead_letter import as_first_sent
from responder.core.policy_state import Rejection, parse

EVENTS, CASES = "responder-events", "responder-cases"
QUEUES = (EVENTS, CASES)
POISON = "-poison"
"""What Functions adds to a queue's name for the messages that failed too often."""
LARGEST_BODY = 48 * 1024
"""A queue message holds 64 KiB, and base64 makes four bytes of three (Azure Storage, queue targets)."""
MARGIN = timedelta(days=1)
"""Kept off the retention: retention runs in batches, and clocks differ."""


class Keep(StrEnum):
    """Why something is not driven again."""

    DRIVEN_OFTEN = "driven-often"
    TOO_LARGE = "too-large"
    TOO_OLD = "too-old"
    UNREADABLE = "unreadable"
    VOID = "void"


DROPPABLE = frozenset({Keep.VOID, Keep.UNREADABLE, Keep.TOO_OLD})
"""What can never be driven: nothing is lost when a person drops it."""


class Standing(StrEnum):
    """What the ledger knows of a ticket."""

    IN_FORCE = "in force"
    REPLACED = "replaced"
    NO_CASE = "no case"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for: at most so many times each, and not what is older than the ledger remembers."""

    most: int
    retention: timedelta
    now: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that failed: where it goes, its body as it is put there, and what it is about, for people."""

    queue: str
    body: bytes
    about: str

    @property
    def content(self) -> str:
        """The key under which it is counted: 32 hexadecimal digits of its queue and body."""
        return hashlib.sha256(self.queue.encode() + b"\n" + self.body).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Kept:
    """Why it stays where it is, in a word and in a sentence."""

    reason: Keep
    because: str


def candidate_of_event(event: object) -> Candidate | Kept:
    """An event as it goes on the queue: one JSON object with its keys in order, so that its content stays the same."""
    if not isinstance(event, Mapping):
        return Kept(Keep.UNREADABLE, f"It is no event: {_shown(event)}.")
    try:
        body = json.dumps(as_first_sent(event), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, TypeError, RecursionError) as error:
        return Kept(Keep.UNREADABLE, f"It cannot be written as JSON: {error}.")
    return Candidate(EVENTS, body, _shown(event.get("subject") or event.get("id") or "an event"))


def candidate_of_ticket(case: str, ticket: str) -> Candidate:
    """A case's ticket as it goes on the queue."""
    return Candidate(CASES, json.dumps({"case": case, "ticket": ticket}).encode(), f"case {_shown(case)}")


def judge_event(event: object, candidate: Candidate, driven: int, terms: Terms) -> Kept | None:
    """Why an event is kept; `None` where it is to be driven.

    What the door would reject is kept: driving it would acknowledge it, and nobody would see it again. An event is too
    old when the row that knows newer news of its resource may be forgotten already: it would count as news. Such a row
    came after the newer scan, so the event's own scan tells.
    """
    change = timely(parse(event), terms.now)
    if isinstance(change, Rejection):
        return Kept(Keep.UNREADABLE, f"The app would reject it ({change.reason}): {change.detail}.")
    if terms.now - instant.moment(change.scan) > terms.retention - MARGIN:
        scanned = instant.iso(change.scan)
        return Kept(Keep.TOO_OLD, f"It was scanned at {scanned}; newer news may be forgotten. Start a scan instead.")
    return _limits(candidate, driven, terms)


def judge_ticket(candidate: Candidate, standing: Standing, driven: int, terms: Terms) -> Kept | None:
    """Why a ticket is kept; `None` where it is to be driven. One that is not in force moves nothing."""
    if standing is Standing.NO_CASE:
        return Kept(Keep.VOID, "No case has this id (any more): the ticket moves nothing.")
    if standing is Standing.REPLACED:
        return Kept(Keep.VOID, "The case goes on under another ticket: this one moves nothing.")
    return _limits(candidate, driven, terms)


def _limits(candidate: Candidate, driven: int, terms: Terms) -> Kept | None:
    if len(candidate.body) > LARGEST_BODY:
        size = len(candidate.body)
        return Kept(Keep.TOO_LARGE, f"It has {size:,} bytes; a queue message holds {LARGEST_BODY:,} before base64.")
    if driven >= terms.most:
        times = "once" if driven == 1 else f"{driven} times"
        because = f"It was driven {times} and failed again; mend the cause, then allow more with --most."
        return Kept(Keep.DRIVEN_OFTEN, because)
    return None


def _shown(value: object) -> str:
    text = str(value)[:200]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
