"""The doctor's sections that ask Resource Manager: rights, events, others. What two of them need is asked once."""

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
from responder.commands.open_ledger import NoLedger, ledger_exists, ledger_of, open_storage_of
from responder.core.case import Case, task_name
from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.doctor_delivery import Delivery, source_of
from responder.core.doctor_events import Topic, of_registration, of_source
from responder.core.doctor_others import SeenTask, of_subscribers, of_tasks, stem
from responder.core.doctor_rights import ROLE, Holder, not_readable, of_rights, role_command
from responder.core.doctor_topic_rights import Need, needs_of, of_need, without_identity
from responder.core.documents import BadDocument
from responder.core.resource_id import ResourceId, resource_id

NAMESPACES = ("Microsoft.PolicyInsights", "Microsoft.EventGrid")
AT_ONCE = 8
MOST_PLACES = 50
"""Places of cases at which tasks are looked for, beside the scopes of `within`."""
_TROUBLE = (ArmError, BadDocument)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Topics:
    """The system topics that were found, and the subscriptions whose topics could not be read, each with why."""

    found: tuple[Topic, ...]
    unread: tuple[tuple[str, str], ...]


class AzureSections:
    """Asks and has it judged. Made for one examination; close it."""

    def __init__(self, patient: Patient) -> None:
        self._patient = patient
        self._clients = ArmClients(patient.settings)
        self._health = AzureHealth(self._clients)
        self._doors = asyncio.Semaphore(AT_ONCE)
        self._caller: asyncio.Task[Holder] | None = None
        self._topics: asyncio.Task[Topics] | None = None
        self._delivery = Delivery(patient.place, _account(patient), patient.settings.dead_letters)

    async def close(self) -> None:
        """Close the connections."""
        for task in (self._caller, self._topics):
            if task is not None:
                task.cancel()
        await self._clients.close()

    async def caller(self) -> Holder:
        """Whoever runs this."""
        if not self._patient.may_ask:
            return caller.NOBODY
        self._caller = self._caller or asyncio.ensure_future(caller.caller(self._patient.settings))
        return await asyncio.shield(self._caller)

    async def rights(self) -> list[Finding]:
        """What may be done at each scope of `within`."""
        if blocked := await self._blocked(Section.RIGHTS, Check.ACTIONS):
            return [blocked]
        holder = await self._holder()
        looked = await asyncio.gather(*(self._rights_at(scope, holder) for scope in self._patient.scopes))
        return [finding for some in looked for finding in some]

    async def _holder(self) -> Holder:
        """Whose rights are looked at: those of `--identity`, else of whoever runs this."""
        told = self._patient.identity
        if not told:
            return await self.caller()
        subscriptions = [each for each in dict.fromkeys(self._subscriptions()) if each]
        principal = await self._health.principal_of(told, subscriptions) or told
        return Holder(f"The identity {principal}", principal)

    async def _rights_at(self, scope: ResourceId, holder: Holder) -> list[Finding]:
        readable = await self._states_at(scope, holder)
        try:
            held = await self._asked(
                lambda: (
                    self._health.rights_of(holder.principal, scope)
                    if self._patient.identity
                    else self._health.own_rights(scope)
                )
            )
        except _TROUBLE as error:
            return [readable, not_readable(scope, str(error))]
        return [readable, *of_rights(held, holder)]

    async def _states_at(self, scope: ResourceId, holder: Holder) -> Finding:
        """Whoever runs this is who reads them, whosever rights are looked at."""
        try:
            await self._asked(lambda: self._health.groups_above(scope))
        except ArmError as error:
            return unread_states(scope, error, await self.caller(), holder)
        return Finding(Section.RIGHTS, Check.STATES, Verdict.OK, f"The policy states of {scope} can be read.")

    async def events(self) -> list[Finding]:
        """Whether events reach the app."""
        if blocked := await self._blocked(Section.EVENTS, Check.TOPIC):
            return [blocked]
        sources = tuple(dict.fromkeys(map(source_of, self._patient.scopes)))
        topics = await self._all_topics()
        unread = [_unread_topics(subscription, why) for subscription, why in topics.unread]
        registered = await asyncio.gather(*(self._registered(each, name) for each in sources for name in NAMESPACES))
        found = [*registered, *unread]
        for source in sources:
            judged = [*of_source(source, topics.found, await self._groups(source), self._delivery)]
            found += [each for each in judged if not (unread and _lacks_topic(each))]  # it may be among the unread
        return list(dict.fromkeys([*found, *await self._delivery_rights(topics)]))

    async def _delivery_rights(self, topics: Topics) -> list[Finding]:
        """What the topics that deliver to this app may do by themselves."""
        pairs = [
            (each.topic, told) for each in topics.found for told in each.subscriptions if self._delivery.reaches(told)
        ]
        needs = [need for topic, told in pairs for need in needs_of(topic, told)]
        return list(await asyncio.gather(*map(self._delivery_right, needs)))

    async def _delivery_right(self, need: Need) -> Finding:
        if not need.topic.principal:
            return without_identity(need.topic)
        try:
            held = await self._asked(lambda: self._health.roles_of(need.topic.principal, need.scope))
        except _TROUBLE:
            return of_need(need, None)
        return of_need(need, {each.role for each in held})

    async def _registered(self, source: ResourceId, namespace: str) -> Finding:
        if source.subscription is None:
            return of_registration(namespace, source, "")
        subscription = source.subscription
        try:
            return of_registration(
                namespace, source, await self._asked(lambda: self._health.registration(namespace, subscription))
            )
        except _TROUBLE:
            return of_registration(namespace, source, "")

    async def _groups(self, source: ResourceId) -> tuple[str, ...] | None:
        try:
            return await self._asked(lambda: self._health.groups_above(source))
        except _TROUBLE:
            return None

    async def others(self) -> list[Finding]:
        """Whether another responder works in the same boundary."""
        if blocked := await self._blocked(Section.OTHERS, Check.TASKS):
            return [blocked]
        topics = await self._all_topics()
        return [*await self._foreign_tasks(), *of_subscribers(topics.found, self._delivery)]

    async def _foreign_tasks(self) -> list[Finding]:
        try:
            cases = await self._cases()
        except NoLedger as error:
            because = f"Whose tasks are ours is not known: {error}"
            mend = "python -m responder doctor --only storage"
            return [Finding(Section.OTHERS, Check.TASKS, Verdict.NOT_CHECKED, because, mend)]
        newest = sorted(cases, key=lambda case: case.first_news, reverse=True)
        places = dict.fromkeys([*self._patient.scopes, *(resource_id(case.key.place) for case in newest)])
        scopes = [place for place in places if place.subscription or place in self._patient.scopes]
        looked = await asyncio.gather(*map(self._tasks_at, scopes[: len(self._patient.scopes) + MOST_PLACES]))
        seen = [task for some in looked for task in some or ()]
        ours = {told for case in cases if (told := stem(task_name(case)))}
        unread = [] if any(some is not None for some in looked) else [_unread_tasks()]
        return unread or list(of_tasks(seen, ours, sum(some is not None for some in looked)))

    async def _cases(self) -> list[Case]:
        if not self._patient.has_storage:
            raise NoLedger("the settings name no storage account that can be asked.")
        async with open_storage_of(self._patient.environment) as clients:
            return await ledger_of(clients).cases() if await ledger_exists(clients) else []

    async def _tasks_at(self, scope: ResourceId) -> tuple[SeenTask, ...] | None:
        try:
            return await self._asked(lambda: self._health.tasks(scope))
        except _TROUBLE:
            return None

    async def _all_topics(self) -> Topics:
        self._topics = self._topics or asyncio.ensure_future(self._read_topics())
        return await asyncio.shield(self._topics)

    async def _read_topics(self) -> Topics:
        subscriptions = [each for each in dict.fromkeys(self._subscriptions()) if each]
        read = await asyncio.gather(*map(self._topics_in, subscriptions))
        found = tuple(topic for each in read if isinstance(each, tuple) for topic in each)
        unread = [(name, each) for name, each in zip(subscriptions, read, strict=True) if isinstance(each, str)]
        return Topics(found, tuple(unread))

    async def _topics_in(self, subscription: str) -> tuple[Topic, ...] | str:
        try:
            return await self._asked(lambda: self._health.topics(subscription))
        except _TROUBLE as error:
            return str(error)

    def _subscriptions(self) -> Iterable[str | None]:
        """Where topics and identities may lie: the subscriptions of the boundary and the app's own."""
        yield from (scope.subscription for scope in self._patient.scopes)
        yield self._patient.place.group.subscription if self._patient.place.group else None
        yield from (resource_id(each).subscription for each in self._patient.settings.own_scopes)

    async def _asked(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        async with self._doors:
            return await ask()

    async def _blocked(self, section: Section, check: Check) -> Finding | None:
        """Why a section cannot be looked at."""
        if not self._patient.may_ask:
            because = "RESPONDER_ARM_ENDPOINT cannot be used, so Azure was not asked."
            return Finding(section, check, Verdict.NOT_CHECKED, because, "python -m responder doctor --only settings")
        if await self.caller() is caller.UNKNOWN:
            because = "No credential was found for Resource Manager, so Azure was not asked."
            return Finding(section, check, Verdict.NOT_CHECKED, because, "az login")
        if not self._patient.scopes:
            because = "Without rules that name a boundary ('within') there is no scope to look at."
            return Finding(section, check, Verdict.NOT_CHECKED, because, "python -m responder doctor --only rules")
        return None


def _account(patient: Patient) -> str:
    """The storage account that events should go to; empty where it is not known, or is one that Azure cannot reach."""
    name, local = account_of(patient.settings.storage)
    known = patient.has_storage and (patient.settings.arm_anonymous or not local)
    return name.lower() if known else ""


def unread_states(scope: ResourceId, error: ArmError, reader: Holder, holder: Holder) -> Finding:
    """The states could not be read: that is wrong where the app itself was refused."""
    because = f"The policy states of {scope} cannot be read: {error}."
    if reader.person:
        verdict, mend = Verdict.WARNING, role_command(reader, "Reader", scope.text)
    else:
        verdict, mend = Verdict.WRONG, role_command(reader if reader.principal else holder, ROLE, scope.text)
    refused = error.unauthorised or error.forbidden or error.missing
    return Finding(Section.RIGHTS, Check.STATES, verdict if refused else Verdict.NOT_CHECKED, because, mend)


def _lacks_topic(finding: Finding) -> bool:
    return finding.check is Check.TOPIC and finding.verdict is not Verdict.OK


def _unread_topics(subscription: str, why: str) -> Finding:
    because = f"The system topics of subscription {subscription} could not be read: {why}."
    mend = f"az eventgrid system-topic list --subscription {subscription} --output table"
    return Finding(Section.EVENTS, Check.TOPIC, Verdict.NOT_CHECKED, because, mend)


def _unread_tasks() -> Finding:
    because = "The remediation tasks could be read at none of the scopes."
    mend = "python -m responder doctor --only rights"
    return Finding(Section.OTHERS, Check.TASKS, Verdict.NOT_CHECKED, because, mend)
