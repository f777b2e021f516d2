"""The doctor on settings: what the app would refuse, what it would not even read, and what is worth a word."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from responder.core.deployment_names import OF_DEPLOYMENT
from responder.core.doctor import AppPlace, Check, Finding, Section, Verdict
from responder.core.duration import iso_duration

STORAGE = "AzureWebJobsStorage"
USUAL: Mapping[str, str | None] = {
    "RESPONDER_RULES": "rules.yaml",
    "RESPONDER_MODE": "observe",
    "RESPONDER_ARM_ENDPOINT": "https://management.azure.com",
    "RESPONDER_SWEEP": "0 * * * * *",
    "RESPONDER_LEASE": "PT1M",
    "RESPONDER_RETENTION": "P60D",
    "RESPONDER_BACKFILL_EVERY": "PT6H",
    "RESPONDER_DEAD_LETTERS": "responder-dead-letters",
    "RESPONDER_OWN_SCOPES": None,
    "RESPONDER_EVENT_SAMPLING": "1",
    "RESPONDER_OUTCOME_TOPIC": None,
    "RESPONDER_TRACE_FILE": None,
    "APPLICATIONINSIGHTS_CONNECTION_STRING": None,
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "Authorization=AAD",
    "OTEL_EXPORTER_OTLP_ENDPOINT": None,
    "AZURE_CLIENT_ID": None,
}
"""Every setting of the app but storage's, and what is usual; `None` where it is left out."""
WORKER_SWITCHES = ("PYTHON_ENABLE_OPENTELEMETRY", "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY")
"""The Python worker would set up telemetry of its own beside the app's; some versions take any value for on."""
_PREFIX = "RESPONDER_"
_PLAIN = re.compile(r"[\w.:/*, -]{1,64}", re.ASCII)  # what may be shown: nothing that could be a key
_SHORT_LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Told:
    """What the settings ask for, as far as the doctor has a word about it."""

    lease: timedelta
    by_identity: bool = True  # whether storage is reached by an identity
    local: bool = False  # the storage on this machine
    application_insights: bool = False
    telemetry_identity: bool = False
    exporters: bool = False  # any at all


def of_problems(problems: Iterable[str], place: AppPlace) -> Iterator[Finding]:
    """What the app does not start with."""
    wrong = [
        Finding(Section.SETTINGS, Check.SETTINGS, Verdict.WRONG, f"{each}.", _mend(each, place)) for each in problems
    ]
    yield from wrong
    if not wrong:
        yield Finding(Section.SETTINGS, Check.SETTINGS, Verdict.OK, "Every setting can be read.")


def name_in(problem: str) -> str:
    """The setting that a problem is about: its sentence begins with the name."""
    return problem.partition(" ")[0]


def _mend(problem: str, place: AppPlace) -> str:
    name = name_in(problem)
    if name == STORAGE:
        return place.set(f"{STORAGE}__accountName", "ACCOUNT")
    usual = USUAL.get(name)
    return place.unset(name) if usual is None else place.set(name, usual)


def of_names(environment: Mapping[str, str], place: AppPlace) -> Iterator[Finding]:
    """Names that look like ours and that nothing reads: a misspelt setting is a setting that is not set."""
    ours = (name for name in environment if name.upper().startswith(_PREFIX))
    unknown = sorted(name for name in ours if name not in USUAL and name not in OF_DEPLOYMENT)
    for name in unknown:
        near = difflib.get_close_matches(name.upper(), USUAL, 1)
        meant = f"; {near[0]} is probably meant" if near else ""
        value = environment[name] if _PLAIN.fullmatch(environment[name]) else "VALUE"
        mend = [place.unset(name), *([place.set(near[0], value)] if near else [])]
        because = f"Nothing reads {name}{meant}."
        yield Finding(Section.SETTINGS, Check.NAMES, Verdict.WRONG, because, "\n".join(mend))
    if not unknown:
        yield Finding(Section.SETTINGS, Check.NAMES, Verdict.OK, f"Every {_PREFIX}* name is one that the app reads.")


def worth_a_word(told: Told, environment: Mapping[str, str], place: AppPlace) -> Iterator[Finding]:
    """What is allowed and may not be meant."""
    yield _lease(told, place)
    yield _telemetry(told, place)
    yield from _worker(environment, place)


def _lease(told: Told, place: AppPlace) -> Finding:
    lease = iso_duration(told.lease)
    if told.lease < _SHORT_LEASE:
        third = told.lease.total_seconds() / 3
        because = (
            f"RESPONDER_LEASE is {lease}: a step and its PUT must fit into it, and the clocks of all hosts must agree "
            f"within {third:.0f} s."
        )
        mend = place.set("RESPONDER_LEASE", "PT1M")
        return Finding(Section.SETTINGS, Check.LEASE, Verdict.WARNING, because, mend)
    return Finding(Section.SETTINGS, Check.LEASE, Verdict.OK, f"A worker holds a case for {lease}.")


def _telemetry(told: Told, place: AppPlace) -> Finding:
    if told.application_insights and not told.telemetry_identity:
        because = (
            "APPLICATIONINSIGHTS_CONNECTION_STRING is set without APPLICATIONINSIGHTS_AUTHENTICATION_STRING: telemetry "
            "goes without a token, and a component without local authentication refuses it."
        )
        mend = place.set("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=AAD")
        return Finding(Section.SETTINGS, Check.TELEMETRY, Verdict.WARNING, because, mend)
    if not told.exporters:
        because = "No exporter is set: nobody will see what was remediated and what failed."
        query = 'az monitor app-insights component show --resource-group GROUP --query "[].connectionString"'
        mend = query.replace("GROUP", place.group.name if place.group else "GROUP")
        return Finding(Section.SETTINGS, Check.TELEMETRY, Verdict.WARNING, because, mend)
    return Finding(Section.SETTINGS, Check.TELEMETRY, Verdict.OK, "Telemetry goes somewhere.")


def _worker(environment: Mapping[str, str], place: AppPlace) -> Iterator[Finding]:
    for name in WORKER_SWITCHES:
        if name in environment:
            because = f"{name} is set: the worker's own telemetry comes on beside the app's, and tells things twice."
            yield Finding(Section.SETTINGS, Check.WORKER, Verdict.WARNING, because, place.unset(name))
