"""Assignments, definitions and initiatives, read from Resource Manager and remembered for ten minutes.

Hundreds of events speak of the same assignment within seconds: whoever asks first reads, everybody else waits for
that one read. What cannot be read is said so (`Unread`) and asked again soon; it is never taken for an answer.
The door asks `known`, which never waits; confirm asks `about`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from azure.core.rest import HttpRequest

from responder.adapters.arm import ArmClients, asking
from responder.adapters.arm_error import ArmError
from responder.core.facts import (
    Assignment,
    BadDocument,
    Definition,
    Initiative,
    Missing,
    Unread,
    assignment,
    definition,
    initiative,
)
from responder.core.resource_id import BadResourceId, ResourceId, resource_id

# The version that azure-mgmt-resource-policy 1.0.0 speaks; a test holds the two together.
API_VERSION = "2026-06-01"
MOST_ENTRIES = 5_000
_UNREAD_FOR = timedelta(seconds=30)
_MISSING_FOR = timedelta(seconds=60)
_NOT_ASKED = Unread("it has not been read yet")
_T = TypeVar("_T", Assignment, Definition, Initiative)
Facts = tuple[Assignment | Missing | Unread, Definition | Missing | Unread, Initiative | Missing | Unread | None]


class PolicyFacts:
    """What is known of policies, by id. One per process."""

    def __init__(
        self,
        clients: ArmClients,
        clock: Callable[[], datetime],
        ttl: timedelta = timedelta(minutes=10),
        most: int = MOST_ENTRIES,
    ) -> None:
        self._assignments = _Remembered(clients, clock, ttl, "the assignment", assignment, most)
        self._definitions = _Remembered(clients, clock, ttl, "the definition", definition, most)
        self._initiatives = _Remembered(clients, clock, ttl, "the initiative", initiative, most)

    async def about(
        self,
        assignment: ResourceId,
        definition: ResourceId,
        reference: str,  # noqa: ARG002 - a policy is named by all three; today no read needs this one
    ) -> Facts:
        """All that a decision needs of the policies of one event; reads what is not known, raises no `ArmError`."""
        assigned, defined = await asyncio.gather(self._assignments.read(assignment), self._definitions.read(definition))
        grouped = _initiative_of(assigned)
        return assigned, defined, await self._initiatives.read(grouped) if isinstance(grouped, ResourceId) else grouped

    def known(
        self,
        assignment: ResourceId,
        definition: ResourceId,
        reference: str,  # noqa: ARG002
    ) -> Facts:
        """The same from memory alone, at once; what is not remembered is `Unread`."""
        assigned, defined = self._assignments.known(assignment), self._definitions.known(definition)
        grouped = _initiative_of(assigned)
        return assigned, defined, self._initiatives.known(grouped) if isinstance(grouped, ResourceId) else grouped


def _initiative_of(assigned: Assignment | Missing | Unread) -> ResourceId | Unread | None:
    """The initiative that is assigned; None where the assignment assigns a single policy."""
    if not isinstance(assigned, Assignment):
        return Unread("its assignment is not known")
    if "/policysetdefinitions/" not in assigned.definition_id:
        return None
    try:
        return resource_id(assigned.definition_id)
    except BadResourceId as error:
        return Unread(f"the assignment's initiative id cannot be read: {error}")


class _Remembered(Generic[_T]):
    """One kind of document: read once at a time, remembered, bounded."""

    def __init__(
        self,
        clients: ArmClients,
        clock: Callable[[], datetime],
        ttl: timedelta,
        kind: str,
        reader: Callable[[Mapping[str, object]], _T],
        most: int,
    ) -> None:
        self._clients, self._clock, self._ttl, self._kind, self._most = clients, clock, ttl, kind, most
        self._reader: Callable[[Mapping[str, object]], _T] = reader
        self._kept: OrderedDict[str, tuple[datetime, _T | Missing | Unread]] = OrderedDict()
        self._reading: dict[str, asyncio.Task[_T | Missing | Unread]] = {}

    def known(self, named: ResourceId) -> _T | Missing | Unread:
        """What is remembered and not too old, without asking."""
        until, fact = self._kept.get(named.text, (None, _NOT_ASKED))
        return fact if until is not None and self._clock() < until else _NOT_ASKED

    async def read(self, named: ResourceId) -> _T | Missing | Unread:
        """What is remembered, or else read; askers at the same time share one read."""
        if (fact := self.known(named)) is not _NOT_ASKED:
            return fact
        task = self._reading.get(named.text)
        if task is None:
            task = self._reading[named.text] = asyncio.create_task(self._ask(named))
            task.add_done_callback(lambda _done: self._reading.pop(named.text, None))
        # One asker that is cancelled must not take the read away from the others.
        return await asyncio.shield(task)

    async def _ask(self, named: ResourceId) -> _T | Missing | Unread:
        fact = await self._fetch(named)
        match fact:
            case Unread():
                kept_for = _UNREAD_FOR
            case Missing():
                kept_for = _MISSING_FOR
            case _:
                kept_for = self._ttl
        self._kept.pop(named.text, None)
        self._kept[named.text] = (self._clock() + kept_for, fact)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return fact

    async def _fetch(self, named: ResourceId) -> _T | Missing | Unread:
        try:
            return self._reader(await _document(self._clients, self._kind, named))
        except ArmError as error:
            return Missing(f"{self._kind} {named} does not exist") if error.gone else Unread(error.what)
        except BadDocument as error:
            return Unread(f"{self._kind} {named} cannot be understood: {error}")


async def _document(clients: ArmClients, kind: str, named: ResourceId) -> Mapping[str, object]:
    """GET any id as Resource Manager returns it.

    The SDK has four operations for one GET, by where the definition lives, and each takes the id apart to put it
    together again; one request through the same pipeline does for all, with the id encoded once.
    """
    async with asking(f"reading {kind}", named.text):
        request = HttpRequest("GET", f"/{named.for_url}", params={"api-version": API_VERSION})
        response = await clients.policy.send_request(request)
        response.raise_for_status()
        document: Any = response.json()
    if not isinstance(document, Mapping):
        raise BadDocument(f"it is a {type(document).__name__}, not an object")
    return document
