"""Every request the services were asked, so that a test can look at what arrived instead of at what was meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from responder.local.simulator.documents import Json
from responder.local.simulator.wire import ArmRequest, stamp


@dataclass(slots=True)
class Entry:
    """One request; `status` stays empty while it is under way, and where it never got an answer."""

    request: ArmRequest
    at: datetime
    status: int | None = None

    def body(self) -> Json:
        """As the control endpoint shows it."""
        shown: Json = {
            "method": self.request.method,
            "path": self.request.path,
            "query": dict(self.request.query),
            "status": self.status,
            "at": stamp(self.at),
        }
        return {**shown, "body": self.request.body} if self.request.method == "PUT" else shown


class RequestLog:
    """Requests in the order in which they arrived."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def note(self, request: ArmRequest, at: datetime) -> Entry:
        """Write a request down before anything happens to it."""
        entry = Entry(request, at)
        self._entries.append(entry)
        return entry

    def body(self) -> list[Json]:
        """As the control endpoint shows it."""
        return [entry.body() for entry in self._entries]
