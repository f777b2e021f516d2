"""What a rule may set, resolved: every default is written here and nowhere else.

The names in `rules.yaml` are Azure's own where Azure has one (`resourceCount`, `parallelDeployments`,
`failureThreshold`, `resourceDiscoveryMode`:
https://learn.microsoft.com/azure/governance/policy/concepts/remediation-structure).
"""

from dataclasses import dataclass, field
from datetime import timedelta


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


DEFAULTS = Settings()
