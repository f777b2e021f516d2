"""What a rule may set, resolved: every default is written here and nowhere else.

The names in `rules.yaml` are Azure's own where Azure has one (`resourceCount`, `parallelDeployments`,
`failureThreshold`, `resourceDiscoveryMode`:
https://learn.microsoft.com/azure/governance/policy/concepts/remediation-structure).
"""

from dataclasses import dataclass, field
from datetime import timedelta

from responder.core.window import Window


@dataclass(frozen=True, slots=True)
class TaskSettings:
    """How a task is opened and how long it may take."""

    resource_discovery_mode: str = "ReEvaluateCompliance"
    resource_count: int = 500
    parallel_deployments: int = 10
    failure_threshold: float = 0.1  # a ratio from 0 to 1; rules write 10%
    timeout: timedelta = timedelta(hours=6)
    on_timeout: str = "leave"  # or cancel
    locations: tuple[str, ...] = ()

    def reach(self, location: str | None) -> bool:
        """Whether such a task can touch what lies there: `filters.locations` leaves out what lies elsewhere."""
        return not self.locations or location is None or location in self.locations


LONGEST_RETRY_WAIT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Retry:
    """On what terms a resource is tried again: tasks in all, the first wait, its growth, the deciding rule's digest."""

    attempts: int
    wait: timedelta
    factor: float
    digest: str

    def after(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts; at most a week."""
        try:
            return min(self.wait * self.factor ** max(0, attempts - 1), LONGEST_RETRY_WAIT)
        except OverflowError:
            return LONGEST_RETRY_WAIT


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that one rule sets, with the defaults filled in."""

    gather_by: str = "resource"  # or resourceGroup
    gather_for: timedelta = timedelta(minutes=2)
    gather_at_most: timedelta = timedelta(minutes=15)
    grace: timedelta | None = None  # None: auto, the definition's evaluationDelay
    task: TaskSettings = field(default_factory=TaskSettings)
    poll_first: timedelta = timedelta(seconds=30)
    poll_most: timedelta = timedelta(minutes=15)
    verify_after: timedelta = timedelta(minutes=20)
    verify_at_most: timedelta = timedelta(hours=24)
    cooldown: timedelta = timedelta(hours=1)
    enforcement_modes: tuple[str, ...] = ("Default",)
    require_roles: bool = False
    allow_wide: bool = False
    backfill: bool = False
    retry_attempts: int = 3  # tasks in all, the first included
    retry_wait: timedelta = timedelta(minutes=15)
    retry_factor: float = 2  # each wait is so many times the one before
    ask_for: timedelta = timedelta(days=7)  # how long a request for approval, and an approval, is good
    during: Window | None = None  # when tasks may be opened; None: always

    def retry(self, digest: str) -> Retry:
        """The terms of a retry under a rule of that digest."""
        return Retry(self.retry_attempts, self.retry_wait, self.retry_factor, digest)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of the whole app, held by all its instances together."""

    running: int = 50
    per_definition: int = 100  # Azure runs at most 100 tasks of one definition at a time
    resources_per_hour: int = 2000  # rolling; what tasks were opened for


DEFAULTS = Settings()
