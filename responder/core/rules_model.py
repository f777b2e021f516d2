"""The keys of a rules file, and the values each may have.

Everything is optional but `version` and the names of rules: what is left out comes from `defaults`, and what is
left out there from `rule_settings.DEFAULTS`. Unknown keys are errors, because a misspelt key that is ignored is a
rule that does something else than it says.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel

from responder.core.rules_clock import Dates, Days, TimeOfDay, Zone
from responder.core.rules_types import (
    AnswerLength,
    EffectGlobs,
    Grace,
    IdGlobs,
    Length,
    Locations,
    Modes,
    NameGlobs,
    PlaceGlobs,
    PositiveLength,
    Ratio,
    ScopeEntry,
    TagWish,
    TypeGlobs,
)

OTHERWISE = "otherwise"
"""The name under which what no rule matches is decided."""
ALWAYS = "always"
"""What `during` says of a rule that waits for no window, whatever the defaults say."""
AT_A_TIME = 100
"""How many remediation tasks of one definition, or reference, Azure runs in parallel
(https://learn.microsoft.com/azure/governance/policy/how-to/remediate-resources)."""


class _Keys(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=to_camel, arbitrary_types_allowed=True
    )


class GatherKeys(_Keys):
    """How news becomes one piece of work."""

    by: Literal["resource", "resourceGroup"] | None = None
    for_: Length | None = Field(default=None, alias="for")
    at_most: Length | None = None


class TaskKeys(_Keys):
    """Azure's own settings of a remediation task, and how long it may take."""

    resource_discovery_mode: Literal["ReEvaluateCompliance", "ExistingNonCompliant"] | None = None
    resource_count: int | None = Field(default=None, ge=1, le=50_000)
    parallel_deployments: int | None = Field(default=None, ge=1, le=30)
    failure_threshold: Ratio | None = None
    timeout: PositiveLength | None = None
    on_timeout: Literal["leave", "cancel"] | None = None
    locations: Locations | None = None


class PollKeys(_Keys):
    """How often Azure is asked."""

    first: PositiveLength | None = None
    most: PositiveLength | None = None


class VerifyKeys(_Keys):
    """How long to wait for Azure Policy to look again."""

    after: Length | None = None
    at_most: PositiveLength | None = None


class RetryKeys(_Keys):
    """How often, and at what intervals, a resource is tried again."""

    attempts: int | None = Field(default=None, ge=1, le=20)
    wait: PositiveLength | None = None
    factor: float | None = Field(default=None, ge=1, allow_inf_nan=False)


class SettingsKeys(_Keys):
    """What `defaults` and every rule may set."""

    gather: GatherKeys | None = None
    grace: Grace | None = None
    task: TaskKeys | None = None
    poll: PollKeys | None = None
    retry: RetryKeys | None = None
    verify: VerifyKeys | None = None
    cooldown: Length | None = None
    enforcement_modes: Modes | None = None
    require_roles: bool | None = None
    allow_wide: bool | None = None
    backfill: bool | None = None
    ask_for: AnswerLength | None = None
    during: str | None = None


class BlockKeys(_Keys):
    """Conditions of `match` and `unless`, joined by *and*."""

    assignment: IdGlobs | None = None
    definition: IdGlobs | None = None
    reference_id: NameGlobs | None = None
    effect: EffectGlobs | None = None
    resource: IdGlobs | None = None
    resource_type: TypeGlobs | None = None
    resource_group: NameGlobs | None = None
    subscription: NameGlobs | None = None
    management_group: NameGlobs | None = None
    location: PlaceGlobs | None = None
    tags: dict[str, TagWish] | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> "BlockKeys":
        if not any(self.__dict__.values()):
            raise ValueError("the block is empty and would match everything; leave the key out to say so")
        return self


def _listed(value: object) -> object:
    if isinstance(value, list) and not value:
        raise ValueError("the list is empty; leave the key out or write a block")
    return [value] if isinstance(value, dict) else value


def _some(value: object) -> object:
    if value == []:
        raise ValueError("the list is empty: nothing would ever be remediated; name a scope or leave the key out")
    return value


Blocks = Annotated[list[BlockKeys], BeforeValidator(_listed, json_schema_input_type=BlockKeys | list[BlockKeys])]


class RuleKeys(SettingsKeys):
    """One rule."""

    name: str
    because: str = ""
    match: Blocks | None = None
    unless: Blocks | None = None
    action: Literal["remediate", "ask", "observe", "ignore"]

    @field_validator("name")
    @classmethod
    def _speakable(cls, name: str) -> str:
        if not name.strip() or not name.isprintable() or len(name) > 100:
            raise ValueError("a name has 1 to 100 printable characters")
        if name.strip().lower() == OTHERWISE:
            raise ValueError(f"{OTHERWISE!r} is what decides where no rule matches; choose another name")
        return name


def _azure_runs(count: int) -> int:
    if count > AT_A_TIME:
        raise ValueError(
            f"it must be at most {AT_A_TIME}, not {count}: Azure runs no more tasks of one definition at a time"
        )
    return count


class LimitsKeys(_Keys):
    """How much the whole app does at a time."""

    running: int | None = Field(default=None, ge=1)
    per_definition: Annotated[int, AfterValidator(_azure_runs)] | None = Field(
        default=None, ge=1, json_schema_extra={"maximum": AT_A_TIME}
    )
    resources_per_hour: int | None = Field(default=None, ge=1)


class BreakerKeys(_Keys):
    """When a definition is held because it only goes wrong."""

    bad_rounds: int | None = Field(default=None, ge=1)


class WindowKeys(_Keys):
    """When tasks may be opened."""

    days: Days
    from_: TimeOfDay = Field(alias="from")
    to: TimeOfDay
    time_zone: Zone
    except_: Dates = Field(default=(), alias="except")


def _version(value: object) -> object:
    if type(value) is not int or value != 1:  # True equals 1
        raise ValueError(f"it must be 1, the only version there is, not {value!r}")
    return value


class FileKeys(_Keys):
    """The whole file."""

    version: Annotated[Literal[1], BeforeValidator(_version)]
    mode: Literal["observe", "enforce"] = "observe"
    within: Annotated[list[ScopeEntry], BeforeValidator(_some)] | None = None
    except_: list[ScopeEntry] = Field(default_factory=list, alias="except")
    limits: LimitsKeys = Field(default_factory=LimitsKeys)
    breaker: BreakerKeys = Field(default_factory=BreakerKeys)
    defaults: SettingsKeys = Field(default_factory=SettingsKeys)
    windows: dict[str, WindowKeys] = Field(default_factory=dict)
    rules: list[RuleKeys] = Field(default_factory=list)
    otherwise: Literal["ignore", "observe"] = "ignore"
