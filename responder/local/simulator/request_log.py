"""Every request the services were asked, so that a test can look at what arrived instead of at what was meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from responder.local.simulator.documents import Json
from responder.local.simulator.wire import ArmAnswer, ArmRequest, stamp


@dataclass(slots=True)
class Entry:
    """One request; `status` stays empty while it is under way, and where it never got an answer.

    `client` is its User-Agent; `retry_after` is what the answer, given at `answered`, asked to wait.
    """

    request: ArmRequest
    at: datetime
    client: str = ""
    status: int | None = None
    answered: datetime | None = None
    retry_after: str = ""

    def answer(self, answer: ArmAnswer, at: datetime) -> None:
        """Write down how it was answered."""
        self.status, self.answered = answer.status, at
        self.retry_after = answer.headers.get("Retry-After", "")

    def body(self) -> Json:
        """As the control endpoint shows it."""
        shown: Json = {
            "method": self.request.method,
            "path": self.request.path,
            "query": dict(self.request.query),
            "status": self.status,
            "at": stamp(self.at),
            "client": self.client,
            "answeredAt": stamp(self.answered) if self.answered else None,
            "retryAfter": self.retry_after,
        }
        return {**shown, "body": self.request.body} if self.request.method == "PUT" else shown


class RequestLog:
    """Requests in the order in which they arrived."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def note(self, request: ArmRequest, at: datetime, client: str) -> Entry:
        """Write a request down before anything happens to it."""
        entry = Entry(request, at, client)
        self._entries.append(entry)
        return entry

    def entries(self) -> tuple[Entry, ...]:
        """Every request so far."""
        return tuple(self._entries)

    def body(self) -> list[Json]:
        """As the control endpoint shows it."""
        return [entry.body() for entry in self._entries]
