"""Everything the doctor knows before it asks anybody: settings, rules, and where the app is.

What is broken is left out of what the rest is checked with, so that one wrong setting keeps nothing else from being
looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from responder.adapters.endpoint import ARM
from responder.adapters.settings import BadSettings, Settings, read_settings
from responder.adapters.storage_health import account_of
from responder.commands.rules_text import Unreadable, read_text
from responder.core.boundary_scopes import scopes_to_read
from responder.core.doctor import AppPlace
from responder.core.doctor_settings import STORAGE, Told, name_in
from responder.core.resource_id import Level, ResourceId, resource_id
from responder.core.rules_review import Review, review

_PLATFORM = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT")
_IDENTITY = (f"{STORAGE}__credential", f"{STORAGE}__clientId")
_SOME_STORAGE = {STORAGE: "UseDevelopmentStorage=true"}


@dataclass(frozen=True, slots=True)
class Patient:
    """The app, as far as it can be seen from here."""

    environment: Mapping[str, str]
    settings: Settings  # what is wrong with them replaced by defaults
    problems: tuple[str, ...]
    has_storage: bool  # whether they name a storage account at all
    may_ask: bool  # whether Resource Manager's address can be used
    rules_file: str
    reviewed: Review | None
    unreadable: str  # why the rules could not be read
    place: AppPlace
    identity: str  # whose rights are asked for, by object or client id; empty for whoever runs this

    @property
    def scopes(self) -> tuple[ResourceId, ...]:
        """The scopes of `within`."""
        rules = self.reviewed.rules if self.reviewed else None
        return tuple(resource_id(each) for each in scopes_to_read(rules.within)) if rules else ()

    @property
    def told(self) -> Told:
        """What the settings ask for."""
        settings, (_, local) = self.settings, account_of(self.settings.storage)
        sent = bool(settings.application_insights or settings.otlp_endpoint)
        return Told(
            lease=settings.lease,
            by_identity=settings.storage.connection_string is None,
            local=local,
            application_insights=bool(settings.application_insights),
            telemetry_identity=settings.telemetry_identity is not None,
            exporters=sent or settings.console or bool(settings.trace_file),
        )

    @property
    def lease(self) -> timedelta:
        """How long a worker may hold a case."""
        return self.settings.lease


def see(environment: Mapping[str, str], rules_file: str | None, app: str | None, identity: str | None) -> Patient:
    """Look at what is here. Raises `BadResourceId` where `app` is no id."""
    _, problems = _lenient(environment)
    environment = _as_seen_from_here(environment)
    settings, _ = _lenient(environment)
    broken = {name_in(problem) for problem in problems}
    file = rules_file or settings.rules
    reviewed, unreadable = _rules(file)
    return Patient(
        environment=environment,
        settings=settings,
        problems=problems,
        has_storage=STORAGE not in {name.partition("__")[0] for name in broken},
        may_ask="RESPONDER_ARM_ENDPOINT" not in broken,
        rules_file=file,
        reviewed=reviewed,
        unreadable=unreadable,
        place=_place(settings, app),
        identity=identity or ("" if settings.managed_identity else settings.client_id or ""),
    )


def _as_seen_from_here(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Settings that were fetched from Azure ask for an identity that a laptop has not: your own credentials count."""
    if any(environment.get(name) for name in _PLATFORM):
        return environment
    return {name: text for name, text in environment.items() if name not in _IDENTITY}


def _lenient(environment: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    """The settings without what is wrong with them, and what is."""
    try:
        return read_settings(environment), ()
    except BadSettings as bad:
        problems = bad.problems
    broken = {name_in(problem).partition("__")[0] for problem in problems}
    left = {name: text for name, text in environment.items() if name.partition("__")[0] not in broken}
    try:
        return read_settings({**left, **(_SOME_STORAGE if STORAGE in broken else {})}), problems
    except BadSettings:
        return replace(read_settings(_SOME_STORAGE), arm_endpoint=ARM), problems


def _rules(file: str) -> tuple[Review | None, str]:
    try:
        return review(read_text(file)), ""
    except Unreadable as error:
        return None, str(error)


def _place(settings: Settings, app: str | None) -> AppPlace:
    if app:
        named = resource_id(app)
        return AppPlace(named.name, named.group)
    groups = (resource_id(scope) for scope in settings.own_scopes)
    group = next((each for each in groups if each.level is Level.RESOURCE_GROUP), None)
    return AppPlace(settings.site_name or "", group)
