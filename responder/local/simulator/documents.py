"""What the simulator can be told, as documents: the estate, its states, and the dials.

Spelled as Azure spells it (camelCase), checked on the way in: a typing mistake in an estate must be one clear
sentence, not a test that fails an hour later for another reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from yarl import URL

from responder.local.simulator.trouble import BadInput

Json = dict[str, object]
T = TypeVar("T")


class _Strict(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


def _loopback(address: str | None) -> str | None:
    host = URL(address).host if address else "localhost"
    try:
        good = host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        good = False
    if not good:
        raise ValueError("events are only sent to this machine, such as http://127.0.0.1:7071/…")
    return address


def _with_zone(text: str | None) -> str | None:
    if text is not None and datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a timestamp needs its zone, such as 2026-03-27T18:37:42.4496956Z")
    return text


def _id(text: str) -> str:
    if not text.startswith("/"):
        raise ValueError("an id starts with a slash")
    return text


def _no_null(value: object) -> object:
    return "" if value is None else value


Id = Annotated[str, AfterValidator(_id)]
# Azure shows null where an assignment is of no initiative, and takes either.
Reference = Annotated[str, BeforeValidator(_no_null)]
Duration = Annotated[timedelta, Field(ge=timedelta(0))]


class Document(BaseModel):
    """Anything Resource Manager returns by id, kept as it was given."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: Id

    def body(self) -> Json:
        """The document as it goes over the wire."""
        return dict(self.model_dump())


class DeploymentError(BaseModel):
    """Why a deployment fails: `code`, `message`, and what else an ARM error may carry."""

    model_config = ConfigDict(extra="allow", frozen=True)

    code: str = "DeploymentFailed"
    message: str = "At least one resource deployment operation failed."
    details: list[Json] = Field(default_factory=list)


class Remediation(_Strict):
    """What comes of a deployment for this resource.

    `ineffective`: it succeeds and the next scan finds the resource non-compliant all the same. `untouched`: the task
    finds nothing to do there and makes no deployment.
    """

    outcome: Literal["succeeds", "fails", "ineffective", "untouched"] = "succeeds"
    error: DeploymentError = DeploymentError()
    takes: Duration | None = None


class Resource(_Strict):
    """A resource as policy states show it. `tags` may be a text, which is shown as it is."""

    id: Id
    location: str = "westeurope"
    tags: dict[str, str] | str = Field(default_factory=dict)
    remediation: Remediation = Remediation()


class State(_Strict):
    """What one policy of one assignment says about one resource; no `complianceState` takes the state away."""

    resource_id: Id
    policy_assignment_id: Id
    policy_definition_id: Id
    policy_definition_reference_id: Reference = ""
    compliance_state: str | None = "NonCompliant"
    timestamp: Annotated[str | None, AfterValidator(_with_zone)] = None
    policy_definition_action: str = "deployIfNotExists"
    policy_definition_group_names: list[str] = Field(default_factory=list)
    policy_evaluation_details: Json = Field(default_factory=dict)


class ManagementGroup(_Strict):
    """A management group by name, its parent's name, and the subscriptions right below it."""

    name: str
    parent: str | None = None
    subscriptions: list[str] = Field(default_factory=list)


class CallerPermission(_Strict):
    """What whoever calls may do at a scope and below it. Where an estate names none, the caller may do everything."""

    scope: Id
    actions: list[str] = Field(default_factory=list)
    not_actions: list[str] = Field(default_factory=list)


class Provider(_Strict):
    """A resource provider of a subscription that is not registered as usual."""

    subscription: str
    namespace: str
    registration_state: str = "NotRegistered"


class Estate(_Strict):
    """Everything that stands in the simulated Azure."""

    management_groups: list[ManagementGroup] = Field(default_factory=list)
    assignments: list[Document] = Field(default_factory=list)
    definitions: list[Document] = Field(default_factory=list)
    initiatives: list[Document] = Field(default_factory=list)
    exemptions: list[Document] = Field(default_factory=list)
    role_assignments: list[Document] = Field(default_factory=list)
    role_definitions: list[Document] = Field(default_factory=list)
    permissions: list[CallerPermission] = Field(default_factory=list)
    providers: list[Provider] = Field(default_factory=list)
    managed_identities: list[Document] = Field(default_factory=list)
    system_topics: list[Document] = Field(default_factory=list)
    event_subscriptions: list[Document] = Field(default_factory=list)
    resources: list[Resource] = Field(default_factory=list)
    states: list[State] = Field(default_factory=list)


class Dials(_Strict):
    """How slow Azure is. `PUT /_simulator/dials` sets the named ones and leaves the others.

    `accepted`, `evaluating`, `cancelling`: how long a task stays in that state. `deployment`: how long one takes.
    `counterLag`: how much later the summary counts what ended. `rescan`: from a deployment's end to the scan that
    sees it. `notVisibleFor`: how long a new task is not found. `eventsTopic` replaces the subscription's topic, as
    the system topic of a management group would.
    """

    accepted: Duration = timedelta(0)
    evaluating: Duration = timedelta(0)
    deployment: Duration = timedelta(seconds=1)
    counter_lag: Duration = timedelta(0)
    rescan: Duration = timedelta(seconds=1)
    cancelling: Duration = timedelta(seconds=1)
    not_visible_for: Duration = timedelta(0)
    page_size: Annotated[int, Field(ge=1)] = 1000
    events_to: Annotated[str | None, AfterValidator(_loopback)] = None
    events_delay: Duration = timedelta(0)
    events_topic: str | None = None

    def turned(self, change: object) -> Dials:
        """These dials with some of them set anew."""
        if not isinstance(change, Mapping):
            raise BadInput("dials: give an object of dials by name")
        return read(Dials, {**self.model_dump(by_alias=True), **change}, "dials")


class ClockChange(_Strict):
    """A jump ahead, another speed, or both."""

    advance: Duration = timedelta(0)
    speed: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


def read(kind: type[T], value: object, what: str) -> T:
    """Read a document of this kind, or raise `BadInput` about the first thing wrong with it."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        unknown = first["type"] == "extra_forbidden"
        why = "unknown key; take it out, or mend its name" if unknown else first["msg"].removeprefix("Value error, ")
        raise BadInput(f"{what}: {where + ': ' if where else ''}{why}") from error
