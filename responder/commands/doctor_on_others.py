"""The doctor looks at others: whether another responder works in the same boundary."""

import asyncio

from responder.commands.doctor_azure import TROUBLE, Azure
from responder.commands.doctor_patient import Patient
from responder.commands.open_ledger import NoLedger, ledger_exists, ledger_of, open_storage_of
from responder.core.case import Case, task_name
from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.doctor_others import SeenTask, of_subscribers, of_tasks, stem
from responder.core.resource_id import ResourceId, resource_id

MOST_PLACES = 50
"""Places of cases at which tasks are looked for, beside the scopes of `within`."""


async def look_at_others(azure: Azure) -> list[Finding]:
    """Everything about others."""
    if blocked := await azure.blocked(Section.OTHERS, Check.TASKS):
        return [blocked]
    tasks, topics = await asyncio.gather(_tasks(azure), azure.topics())
    return [*tasks, *of_subscribers(topics.found, azure.delivery)]


async def _tasks(azure: Azure) -> list[Finding]:
    try:
        cases = await _cases(azure.patient)
    except NoLedger as error:
        because = f"Whose tasks are ours is not known: {error}"
        mend = "python -m responder doctor --only storage"
        return [Finding(Section.OTHERS, Check.TASKS, Verdict.NOT_CHECKED, because, mend)]
    looked = await asyncio.gather(*(_tasks_at(azure, each) for each in _places(azure.patient, cases)))
    read = [some for some in looked if some is not None]
    if not read:
        because = "The remediation tasks could be read at none of the scopes."
        mend = "python -m responder doctor --only rights"
        return [Finding(Section.OTHERS, Check.TASKS, Verdict.NOT_CHECKED, because, mend)]
    ours = {told for case in cases if (told := stem(task_name(case)))}
    return list(of_tasks((task for some in read for task in some), ours, len(read)))


async def _cases(patient: Patient) -> list[Case]:
    """Every case; none where the app never ran. Raises `NoLedger` where that cannot be read."""
    if not patient.has_storage:
        raise NoLedger("the settings name no storage account that can be asked.")
    async with open_storage_of(patient.environment) as clients:
        return await ledger_of(clients).cases() if await ledger_exists(clients) else []


def _places(patient: Patient, cases: list[Case]) -> list[ResourceId]:
    """The scopes of `within`, and where the newest cases are: a list at a scope may leave out what lies below."""
    newest = sorted(cases, key=lambda case: case.first_news, reverse=True)
    places = dict.fromkeys([*patient.scopes, *(resource_id(case.key.place) for case in newest)])
    return list(places)[: len(patient.scopes) + MOST_PLACES]


async def _tasks_at(azure: Azure, scope: ResourceId) -> tuple[SeenTask, ...] | None:
    try:
        return await azure.asked(lambda: azure.health.tasks(scope))
    except TROUBLE:
        return None
