"""The doctor's sections: each asks what it needs and has it judged. All run at once, and none outlasts its time.

Whatever goes wrong inside a section becomes a finding of it: one broken part keeps no other from being looked at.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime

from azure.core.exceptions import AzureError

from responder.adapters.exporter_health import ask_exporters, is_writable
from responder.adapters.storage import StorageClients, StorageTrouble, open_storage
from responder.adapters.storage_health import StorageHealth, account_of
from responder.commands.doctor_azure import Azure
from responder.commands.doctor_on_assignments import look_at_assignments
from responder.commands.doctor_on_events import look_at_events
from responder.commands.doctor_on_others import look_at_others
from responder.commands.doctor_on_rights import look_at_rights
from responder.commands.doctor_patient import Patient
from responder.commands.open_ledger import ledger_exists
from responder.commands.status_facts import Looker
from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.doctor_exporters import of_answer, of_file, without_any
from responder.core.doctor_rules import of_rules
from responder.core.doctor_settings import of_names, of_problems, worth_a_word
from responder.core.doctor_storage import Access, Answer, of_clock, of_duty, of_probe, without_ledger
from responder.core.duty import needs

SECONDS = 60.0
"""For one section. Storage that nobody answers for takes a dozen of them."""
OFFLINE = (Section.SETTINGS, Section.RULES)
_FIRST = {
    Section.SETTINGS: Check.SETTINGS,
    Section.RULES: Check.RULES,
    Section.STORAGE: Check.TABLES,
    Section.RIGHTS: Check.ACTIONS,
    Section.EVENTS: Check.TOPIC,
    Section.OTHERS: Check.TASKS,
    Section.EXPORTERS: Check.AZURE_MONITOR,
}
Run = Callable[[], Awaitable[Iterable[Finding]]]


async def examine(
    patient: Patient, wanted: Collection[Section], done: Callable[[Section], None], offline: bool = False
) -> list[Finding]:
    """Everything that is wanted, in the order of the sections; `done` is told of each that is over."""
    azure = Azure(patient)
    runs: Mapping[Section, Run] = {
        Section.SETTINGS: lambda: _settings(patient),
        Section.RULES: lambda: _rules(patient, None if offline else azure),
        Section.STORAGE: lambda: _storage(patient, azure),
        Section.RIGHTS: lambda: look_at_rights(azure),
        Section.EVENTS: lambda: look_at_events(azure),
        Section.OTHERS: lambda: look_at_others(azure),
        Section.EXPORTERS: lambda: _exporters(patient, azure),
    }
    try:
        found = await asyncio.gather(*(_guarded(each, runs[each], done) for each in Section if each in wanted))
    finally:
        await azure.close()
    return [finding for section in found for finding in section]


async def _guarded(section: Section, run: Run, done: Callable[[Section], None]) -> list[Finding]:
    again = f"python -m responder doctor --only {section}"
    try:
        async with asyncio.timeout(SECONDS):
            return list(await run())
    except TimeoutError:
        because = f"It took longer than {SECONDS:.0f} s."
    except Exception as error:  # noqa: BLE001 - whatever breaks one section is told and keeps no other from being told
        because = f"It could not be looked at: {type(error).__name__}: {error}"[:300]
    finally:
        done(section)
    return [Finding(section, _FIRST[section], Verdict.NOT_CHECKED, because, again)]


async def _settings(patient: Patient) -> list[Finding]:
    environment, place = patient.environment, patient.place
    found = [*of_problems(patient.problems, place), *of_names(environment, place)]
    return [*found, *worth_a_word(patient.told, environment, place)]


async def _rules(patient: Patient, azure: Azure | None) -> list[Finding]:
    if patient.reviewed is None:
        mend = patient.place.set("RESPONDER_RULES", "rules.yaml")
        return [Finding(Section.RULES, Check.RULES, Verdict.WRONG, patient.unreadable, mend)]
    found = of_rules(patient.reviewed, patient.rules_file, patient.settings.mode, patient.place)
    return [*found, *(await look_at_assignments(azure) if azure else ())]


async def _storage(patient: Patient, azure: Azure) -> list[Finding]:
    if not patient.has_storage:
        because = "The settings name no storage account that can be asked."
        mend = "python -m responder doctor --only settings"
        return [Finding(Section.STORAGE, Check.TABLES, Verdict.NOT_CHECKED, because, mend)]
    account, local = account_of(patient.settings.storage)
    by_identity = patient.settings.storage.connection_string is None
    access = Access(account, by_identity, local, await azure.caller(), patient.place)
    clients = open_storage(patient.settings.storage)
    try:
        health = StorageHealth(clients, patient.settings.dead_letters, _now)
        probes = await health.probes()
        found = [of_probe(probe, access) for probe in probes]
        clock = of_clock(health.ahead, patient.lease)
        usable = not any(_hopeless(answer) for probe in probes for answer in (probe.read, probe.write))
        return [*found, clock, *(await _ledger(clients, patient) if usable else ())]
    finally:
        await clients.close()


def _hopeless(answer: Answer) -> bool:
    return answer.status == 0 or answer.refused


async def _ledger(clients: StorageClients, patient: Patient) -> list[Finding]:
    try:
        if not await ledger_exists(clients):
            return [without_ledger(patient.place)]
        async with asyncio.timeout(SECONDS / 2):
            duty = await Looker(clients, patient.settings, _now()).look()
    except (AzureError, StorageTrouble, TimeoutError) as error:
        because = f"The ledger could not be read: {error or 'it took too long'}"[:300]
        return [Finding(Section.STORAGE, Check.LEDGER, Verdict.NOT_CHECKED, because, "python -m responder status")]
    return list(of_duty(needs(duty), patient.place))


async def _exporters(patient: Patient, azure: Azure) -> list[Finding]:
    settings, holder = patient.settings, await azure.caller()
    found = [of_answer(asked, holder, patient.place) for asked in await ask_exporters(settings)]
    if settings.trace_file:
        found.append(of_file(settings.trace_file, is_writable(settings.trace_file), patient.place))
    return found or [without_any()]


def _now() -> datetime:
    return datetime.now(UTC)
