"""Everything the environment tells the app, read once, before anything else.

All problems are reported together, by name: an operator who deploys should not learn of them one restart at a
time. An empty setting counts as not set, because that is what an empty field in the portal means.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from responder.adapters.endpoint import ARM, BadEndpoint, arm_endpoint, collector_endpoint, is_loopback, topic_endpoint
from responder.adapters.named_parts import named_parts
from responder.adapters.storage_settings import BadStorage, Storage, read_storage
from responder.core.duration import BadDuration, duration
from responder.core.resource_id import BadResourceId, resource_id

_T = TypeVar("_T")
SHORTEST_LEASE = timedelta(seconds=5)
# A dead letter can come back late: Event Grid retries for 24 hours, and we assume that its blob is kept for 7 days.
SHORTEST_RETENTION = timedelta(days=8)
SHORTEST_CYCLE = timedelta(minutes=1)
_EVERY_MINUTE = "0 * * * * *"
# learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
_CONTAINER = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]", re.ASCII)
_SCHEDULE_FIELD = re.compile(r"[\dA-Za-z*/,-]+", re.ASCII)


class BadSettings(ValueError):
    """The environment cannot be used; `problems` holds one sentence for each setting that is wrong."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class TelemetryIdentity:
    """Send to Azure Monitor with a token of this identity; of the app's own where no client id is named."""

    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment asks for, checked. The contract's table of settings is in `docs/operations.md`."""

    storage: Storage
    rules: str = "rules.yaml"
    mode: str | None = None  # "observe" or "enforce"; None leaves it to the rules file
    arm_endpoint: str = ARM  # without a trailing slash
    sweep: str = _EVERY_MINUTE
    lease: timedelta = timedelta(minutes=1)
    retention: timedelta = timedelta(days=60)
    backfill_every: timedelta = timedelta(hours=6)
    dead_letters: str = "responder-dead-letters"  # the container that Event Grid puts dead letters into
    own_scopes: tuple[str, ...] = ()  # folded ids
    client_id: str | None = None
    managed_identity: bool = False  # whether the platform offers one (Functions sets IDENTITY_ENDPOINT)
    application_insights: str | None = field(default=None, repr=False)
    telemetry_identity: TelemetryIdentity | None = None  # None sends to Azure Monitor without a token
    event_sampling: float = 1.0  # the part of the spans of ignored events that is told
    outcome_topic: str | None = None  # the full endpoint of an Event Grid topic, with its path
    otlp_endpoint: str | None = field(default=None, repr=False)  # it may carry a user and a password
    trace_file: str | None = None
    console: bool = False
    site_name: str | None = None  # the function app, as the platform tells it
    region: str | None = None
    instance: str | None = None

    @property
    def arm_scope(self) -> str:
        """The scope a token is asked for: the endpoint itself is the audience, in sovereign clouds too."""
        return f"{self.arm_endpoint}/.default"

    @property
    def arm_anonymous(self) -> bool:
        """Whether no credential is sent: plain http is the simulator on this machine and nothing else."""
        return self.arm_endpoint.startswith("http://") and is_loopback(self.arm_endpoint)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read and check all settings; raises `BadSettings` with every problem at once."""
    told = {name: text.strip() for name, text in environment.items() if text.strip()}
    problems: list[str] = []

    def read(name: str, reader: Callable[[str], _T], default: _T) -> _T:
        try:
            return reader(told[name]) if name in told else default
        except _BadValue as error:
            problems.append(f"{name} {error}")
            return default

    settings = Settings(
        storage=_storage(environment, problems),
        rules=read("RESPONDER_RULES", str, "rules.yaml"),
        mode=read("RESPONDER_MODE", _mode, None),
        arm_endpoint=read("RESPONDER_ARM_ENDPOINT", _endpoint, ARM),
        sweep=read("RESPONDER_SWEEP", _schedule, _EVERY_MINUTE),
        lease=read("RESPONDER_LEASE", _lease, timedelta(minutes=1)),
        retention=read("RESPONDER_RETENTION", _retention, timedelta(days=60)),
        backfill_every=read("RESPONDER_BACKFILL_EVERY", _backfill_every, timedelta(hours=6)),
        dead_letters=read("RESPONDER_DEAD_LETTERS", _container, "responder-dead-letters"),
        own_scopes=read("RESPONDER_OWN_SCOPES", _scopes, ()),
        client_id=read("AZURE_CLIENT_ID", str, None),
        managed_identity=bool(told.get("IDENTITY_ENDPOINT") or told.get("MSI_ENDPOINT")),
        application_insights=read("APPLICATIONINSIGHTS_CONNECTION_STRING", _application_insights, None),
        telemetry_identity=read("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", _telemetry_identity, None),
        event_sampling=read("RESPONDER_EVENT_SAMPLING", _ratio, 1.0),
        outcome_topic=read("RESPONDER_OUTCOME_TOPIC", _topic, None),
        otlp_endpoint=read("OTEL_EXPORTER_OTLP_ENDPOINT", _collector, None),
        trace_file=read("RESPONDER_TRACE_FILE", str, None),
        console=told.get("OTEL_TRACES_EXPORTER", "").lower() == "console",
        site_name=read("WEBSITE_SITE_NAME", str, None),
        region=read("REGION_NAME", str, None),
        instance=read("WEBSITE_INSTANCE_ID", str, None) or read("CONTAINER_NAME", str, None),
    )
    if problems:
        raise BadSettings(tuple(problems))
    return settings


class _BadValue(ValueError):
    """What is wrong with one value, as the rest of a sentence that starts with the setting's name."""


def _storage(environment: Mapping[str, str], problems: list[str]) -> Storage:
    try:
        return read_storage(environment)
    except BadStorage as error:
        problems.append(str(error))
        return Storage()


def _mode(text: str) -> str:
    if text.lower() not in ("observe", "enforce"):
        raise _BadValue(f"is {text[:64]!r}; write observe or enforce, or leave it out to use the rules file's mode")
    return text.lower()


def _endpoint(text: str) -> str:
    try:
        return arm_endpoint(text)
    except BadEndpoint as error:
        raise _BadValue(str(error)) from error


def _collector(text: str) -> str:
    try:
        return collector_endpoint(text)
    except BadEndpoint as error:
        raise _BadValue(str(error)) from error


def _schedule(text: str) -> str:
    """Six NCRONTAB fields; the Functions host knows the rest and says so itself."""
    fields = text.split()
    if len(fields) != 6 or not all(_SCHEDULE_FIELD.fullmatch(each) for each in fields):
        raise _BadValue(
            f"is {text[:64]!r}; write six NCRONTAB fields (second minute hour day month weekday), such as 0 * * * * *"
        )
    return text


def _lease(text: str) -> timedelta:
    lease = _duration(text, "PT1M")
    if lease < SHORTEST_LEASE:
        raise _BadValue(f"is {text!r}; a worker needs at least PT5S for one step, PT1M is usual")
    return lease


def _retention(text: str) -> timedelta:
    retention = _duration(text, "P60D")
    if retention < SHORTEST_RETENTION:
        raise _BadValue(
            f"is {text!r}; it must be at least P8D, or a dead letter (24 hours of retries and 7 days as a blob) that "
            "is replayed would count as news; P60D is usual"
        )
    return retention


def _backfill_every(text: str) -> timedelta:
    every = _duration(text, "PT6H")
    if every < SHORTEST_CYCLE:
        raise _BadValue(f"is {text!r}; all states of the boundary are read each time, so at least PT1M; PT6H is usual")
    return every


def _container(text: str) -> str:
    if not _CONTAINER.fullmatch(text):
        raise _BadValue(
            f"is {text[:64]!r}, which is no name of a blob container (3 to 63 lower-case letters, digits and single "
            "hyphens, no address); responder-dead-letters is usual"
        )
    return text


def _duration(text: str, example: str) -> timedelta:
    try:
        return duration(text)
    except BadDuration as error:
        raise _BadValue(f"is not a duration ({error}); write ISO 8601, such as {example}") from error


def _scopes(text: str) -> tuple[str, ...]:
    scopes = []
    for entry in (each.strip() for each in text.split(",") if each.strip()):
        try:
            scopes.append(resource_id(entry.rstrip("/")).text)
        except BadResourceId as error:
            raise _BadValue(
                f"names {entry[:128]!r}, which is no scope ({error}); write ids of subscriptions, resource groups, "
                "resources or management groups, separated by commas"
            ) from error
    return tuple(scopes)


def _application_insights(text: str) -> str:
    parts = named_parts(text)
    endpoint = parts.get("ingestionendpoint", "").lower()
    if endpoint.startswith("http:") and not is_loopback(endpoint):
        raise _BadValue("has an IngestionEndpoint without TLS; http:// is for 127.0.0.1 and localhost only")
    if not set(parts) & {"instrumentationkey", "ingestionendpoint"}:
        raise _BadValue(
            "is not a connection string (it has neither InstrumentationKey= nor IngestionEndpoint=); copy it from the "
            "overview of the Application Insights resource"
        )
    return text


def _telemetry_identity(text: str) -> TelemetryIdentity:
    """As the Functions host reads it: learn.microsoft.com/azure/azure-functions/functions-app-settings."""
    told = named_parts(text)
    if told.get("authorization", "").lower() != "aad" or set(told) - {"authorization", "clientid", ""}:
        raise _BadValue("is not understood; write Authorization=AAD, or Authorization=AAD;ClientId=<client id>")
    return TelemetryIdentity(told.get("clientid") or None)


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = math.nan
    if not 0 <= ratio <= 1:
        raise _BadValue(f"is {text[:64]!r}; write a number from 0 (none is told) to 1 (all are), such as 0.1")
    return ratio


def _topic(text: str) -> str:
    try:
        return topic_endpoint(text)
    except BadEndpoint as error:
        raise _BadValue(str(error)) from error
