"""What one task touched: every resource with what became of it, as the journal keeps it.

A case moves on and forgets; the journal is what answers, weeks later, "what did this app do to my vault?".
"""

from dataclasses import dataclass, replace
from datetime import datetime

from responder.core import instant
from responder.core.case import Case, Plan
from responder.core.outcome import Outcome
from responder.core.outside import outside
from responder.core.seen import TaskEnded

UNKNOWN = "unknown"
"""The status of a planned resource where the task went before it showed what it deployed."""


@dataclass(frozen=True, slots=True)
class TouchedResource:
    """One resource, and Azure's word for what the task did to it."""

    resource: str
    status: str
    error_code: str = ""
    deployment_id: str = ""
    outside: bool = False  # the plan did not name it


@dataclass(frozen=True, slots=True)
class TouchedKey:
    """Which round's task. A round may see its task run again: each end counts for itself."""

    case: str
    round: int
    ended: int  # ticks

    @property
    def day(self) -> str:
        """The UTC day of the end, such as `2026-11-21`."""
        return f"{instant.moment(self.ended):%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Touched:
    """One ended task. `verified` is what Azure Policy said afterwards, empty until it did."""

    key: TouchedKey
    rule: str
    assignment: str
    reference: str
    scope: str
    task: str
    created_on: int  # ticks
    outcome: Outcome
    resources: tuple[TouchedResource, ...]
    verified: str = ""
    left_out: int = 0  # resources that did not fit into the journal's row

    @property
    def at(self) -> datetime:
        """When the task ended."""
        return instant.moment(self.key.ended)

    @property
    def result(self) -> str:
        """The last word: what verification said, else how the task ended."""
        return self.verified or self.outcome.value


def touched(case: Case, plan: Plan, end: TaskEnded) -> Touched:
    """What a task that was seen to end has touched."""
    return Touched(
        key=key_of(case, end.task.last_updated_on),
        rule=plan.rule,
        assignment=case.key.assignment,
        reference=case.reference,
        scope=plan.scope,
        task=plan.name,
        created_on=end.task.created_on,
        outcome=end.outcome,
        resources=_resources(plan, end),
    )


def key_of(case: Case, ended: int) -> TouchedKey:
    """The key of this round's task, which ended at these ticks."""
    return TouchedKey(case.id, case.round, ended)


def _resources(plan: Plan, end: TaskEnded) -> tuple[TouchedResource, ...]:
    if not end.deployments and (end.task.total or end.outcome is Outcome.LOST):
        return tuple(TouchedResource(name, UNKNOWN) for name in plan.resources)
    strangers = set(outside(plan, end.deployments))
    return tuple(
        TouchedResource(row.resource, row.status, row.error_code, row.deployment_id, row.resource in strangers)
        for row in end.deployments
    )


def shortened(entry: Touched) -> Touched | None:
    """The same in fewer bytes: first without the deployments' ids, then with half of the resources, failures first.

    `None` where nothing is left to leave out.
    """
    if any(row.deployment_id for row in entry.resources):
        return replace(entry, resources=tuple(replace(row, deployment_id="") for row in entry.resources))
    if not entry.resources:
        return None
    worst_first = sorted(entry.resources, key=lambda row: row.status.lower() == "succeeded" and not row.outside)
    kept = tuple(worst_first[: len(worst_first) // 2])
    return replace(entry, resources=kept, left_out=entry.left_out + len(entry.resources) - len(kept))
