"""What the doctor's sections that ask Resource Manager share: who asks, how many at once, and what two of them need."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from responder.adapters import caller
from responder.adapters.arm import ArmClients
from responder.adapters.arm_error import ArmError
from responder.adapters.azure_health import AzureHealth
from responder.adapters.storage_health import account_of
from responder.commands.doctor_patient import Patient
from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.doctor_delivery import Delivery
from responder.core.doctor_events import Topic
from responder.core.doctor_rights import Holder
from responder.core.documents import BadDocument
from responder.core.resource_id import BadResourceId, ResourceId, resource_id

AT_ONCE = 8
TROUBLE = (ArmError, BadDocument, BadResourceId)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Topics:
    """The system topics that were found, and the subscriptions whose topics could not be read, each with why."""

    found: tuple[Topic, ...]
    unread: tuple[tuple[str, str], ...]


class Azure:
    """Resource Manager as the doctor asks it. Made for one examination; close it."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.delivery = Delivery(patient.place, _account(patient), patient.settings.dead_letters)
        self._clients = ArmClients(patient.settings)
        self.health = AzureHealth(self._clients)
        self._doors = asyncio.Semaphore(AT_ONCE)
        self._caller: asyncio.Task[Holder] | None = None
        self._topics: asyncio.Task[Topics] | None = None

    async def close(self) -> None:
        """Close the connections."""
        for task in (self._caller, self._topics):
            if task is not None:
                task.cancel()
        await self._clients.close()

    async def asked(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Ask, beside a few others. Raises what `TROUBLE` names."""
        async with self._doors:
            return await ask()

    async def caller(self) -> Holder:
        """Whoever runs this."""
        if not self.patient.may_ask:
            return caller.NOBODY
        self._caller = self._caller or asyncio.ensure_future(caller.caller(self.patient.settings))
        return await asyncio.shield(self._caller)

    async def groups_above(self, scope: ResourceId) -> tuple[str, ...] | None:
        """The management groups above a scope; `None` where that is not known."""
        try:
            return await self.asked(lambda: self.health.groups_above(scope))
        except TROUBLE:
            return None

    async def topics(self) -> Topics:
        """All system topics of Azure Policy in the subscriptions where they may lie."""
        self._topics = self._topics or asyncio.ensure_future(self._read_topics())
        return await asyncio.shield(self._topics)

    def subscriptions(self) -> tuple[str, ...]:
        """Where topics and identities may lie: the subscriptions of the boundary and the app's own."""
        return tuple(dict.fromkeys(each for each in self._subscriptions() if each))

    def _subscriptions(self) -> Iterable[str | None]:
        group = self.patient.place.group
        yield from (scope.subscription for scope in self.patient.scopes)
        yield group.subscription if group else None
        yield from (resource_id(each).subscription for each in self.patient.settings.own_scopes)

    async def blocked(self, section: Section, check: Check) -> Finding | None:
        """Why a section cannot be looked at, if it cannot."""
        if not self.patient.may_ask:
            because = "RESPONDER_ARM_ENDPOINT cannot be used, so Azure was not asked."
            return Finding(section, check, Verdict.NOT_CHECKED, because, "python -m responder doctor --only settings")
        if not self.patient.scopes:
            because = "Without rules that name a boundary ('within') there is no scope to look at."
            return Finding(section, check, Verdict.NOT_CHECKED, because, "python -m responder doctor --only rules")
        if await self.caller() is caller.UNKNOWN:
            because = "No credential was found for Resource Manager, so Azure was not asked."
            return Finding(section, check, Verdict.NOT_CHECKED, because, "az login")
        return None

    async def _read_topics(self) -> Topics:
        subscriptions = self.subscriptions()
        read = await asyncio.gather(*map(self._topics_in, subscriptions))
        found = tuple(topic for each in read if isinstance(each, tuple) for topic in each)
        unread = [(name, each) for name, each in zip(subscriptions, read, strict=True) if isinstance(each, str)]
        return Topics(found, tuple(unread))

    async def _topics_in(self, subscription: str) -> tuple[Topic, ...] | str:
        try:
            return await self.asked(lambda: self.health.topics(subscription))
        except TROUBLE as error:
            return str(error)


def _account(patient: Patient) -> str:
    """The storage account that events should go to; empty where it is not known, or is one that Azure cannot reach."""
    name, local = account_of(patient.settings.storage)
    known = patient.has_storage and (patient.settings.arm_anonymous or not local)
    return name.lower() if known else ""
