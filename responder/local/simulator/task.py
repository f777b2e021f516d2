"""A remediation task: what was asked, where it stands, and how the service shows it."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from responder.local.simulator import scope as ids
from responder.local.simulator.documents import DeploymentError, Dials, Json, Reference, Resource
from responder.local.simulator.tenant import StateKey
from responder.local.simulator.wire import stamp

TYPE = "Microsoft.PolicyInsights/remediations"
ENDED = frozenset({"Succeeded", "Failed", "Canceled"})

# From this version on the examples show `statusMessage`; recorded traffic of 2021-10-01 does not have it.
_WITH_STATUS_MESSAGE = "2024-10-01"
_CREATOR = {"createdBy": "b69a9388-9488-4534-b470-7ec6d41beef6", "createdByType": "User"}
_ECHOED = ("resourceCount", "parallelDeployments", "failureThreshold")

_numbers = itertools.count(1)


class _Asked(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="allow", frozen=True)


class Filters(_Asked):
    """Which resources, beyond the scope."""

    locations: list[str] | None = None
    resource_ids: Annotated[list[str], Field(min_length=1, max_length=100)] | None = None


class Threshold(_Asked):
    """The share of failed deployments the task bears, 0 to 1."""

    percentage: float = 1.0


class Properties(_Asked):
    """The properties of a PUT. The service ignores what it does not know, such as read-only ones."""

    policy_assignment_id: str
    policy_definition_reference_id: Reference = ""
    resource_discovery_mode: Literal["ExistingNonCompliant", "ReEvaluateCompliance"] = "ExistingNonCompliant"
    filters: Filters | None = None
    resource_count: int | None = None
    parallel_deployments: int | None = None
    failure_threshold: Threshold | None = None

    @property
    def reevaluates(self) -> bool:
        """Whether resources are evaluated again before any of them is remediated."""
        return self.resource_discovery_mode == "ReEvaluateCompliance"


class Body(_Asked):
    """The body of a PUT."""

    properties: Properties


@dataclass(slots=True)
class Deployment:
    """One row of listDeployments. It has a `deploymentId` only once the deployment exists."""

    resource: Resource
    state: StateKey
    created: datetime
    updated: datetime
    status: str = "Evaluating"
    deployment_id: str | None = None
    error: DeploymentError | None = None

    def end(self, at: datetime) -> None:
        """The deployment ends as its resource says."""
        fails = self.resource.remediation.outcome == "fails"
        self.status, self.updated = "Failed" if fails else "Succeeded", at
        self.error = self.resource.remediation.error if fails else None
        self.deployment_id = _deployment_id(self.resource.id)

    def body(self) -> Json:
        """The row as listDeployments shows it. No failed row was ever recorded: its shape is the documented one."""
        row: Json = {"remediatedResourceId": ids.echo(self.resource.id)}
        if self.deployment_id is not None:
            row["deploymentId"] = self.deployment_id
        row |= {"status": self.status, "resourceLocation": self.resource.location}
        row |= {"createdOn": stamp(self.created), "lastUpdatedOn": stamp(self.updated)}
        if self.error is not None:
            row["error"] = self.error.model_dump()
        return row


@dataclass(slots=True)
class Task:
    """A task from its PUT on. `history` has each state and the time it began."""

    scope: str
    name: str
    put: Json
    asked: Properties
    dials: Dials
    created: datetime
    updated: datetime
    modified: datetime
    history: list[tuple[str, datetime]]
    correlation: str = field(default_factory=lambda: str(uuid4()))
    waiting: deque[StateKey] = field(default_factory=deque)
    deployments: list[Deployment] = field(default_factory=list)
    total: int = 0
    in_flight: int = 0
    succeeded: int = 0
    failed: int = 0
    counts: list[tuple[datetime, int, int]] = field(default_factory=list)
    removed: tuple[str, datetime] | None = None

    @property
    def state(self) -> str:
        """`provisioningState`."""
        return self.history[-1][0]

    @property
    def ended(self) -> bool:
        """Whether nothing will happen any more."""
        return self.state in ENDED

    def visible(self, now: datetime) -> bool:
        """Whether a GET finds it: neither gone nor too new."""
        return self.removed is None and now >= self.created + self.dials.not_visible_for

    def move(self, state: str, at: datetime) -> None:
        """Go to another state."""
        self.history.append((state, at))
        self.updated = at

    def start(self, row: Deployment) -> None:
        """A deployment begins."""
        self.deployments.append(row)
        self.in_flight += 1

    def finish(self, row: Deployment, at: datetime) -> None:
        """A deployment ends; the summary will say so once it has caught up."""
        row.end(at)
        self.in_flight -= 1
        self.succeeded += row.status == "Succeeded"
        self.failed += row.status == "Failed"
        self.counts.append((at, self.succeeded, self.failed))
        self.updated = at

    def summary(self, now: datetime) -> Json:
        """`deploymentStatus`, as late as the dial says.

        A task was seen as Failed while both counters were still 0; they filled in later.
        """
        lag: timedelta = self.dials.counter_lag
        shown = (entry for entry in reversed(self.counts) if entry[0] + lag <= now)
        _, succeeded, failed = next(shown, (now, 0, 0))
        return {
            "totalDeployments": self.total,
            "successfulDeployments": succeeded,
            "failedDeployments": failed,
        }

    def body(self, now: datetime, api_version: str) -> Json:
        """The task as the service shows it. What the PUT left out is not filled in (recorded)."""
        return {
            "properties": self._properties(now, api_version),
            "id": ids.echo(f"{self.scope}/providers/Microsoft.PolicyInsights/remediations/{self.name}"),
            "name": self.name,
            "type": TYPE,
            "systemData": {
                **_CREATOR,
                "createdAt": stamp(self.created),
                "lastModifiedBy": _CREATOR["createdBy"],
                "lastModifiedByType": _CREATOR["createdByType"],
                "lastModifiedAt": stamp(self.modified),
            },
        }

    def _properties(self, now: datetime, api_version: str) -> Json:
        asked = self.asked.model_dump(by_alias=True, exclude_unset=True)
        shown: Json = {"policyAssignmentId": ids.echo(self.asked.policy_assignment_id)}
        if self.asked.policy_definition_reference_id:
            shown["policyDefinitionReferenceId"] = self.asked.policy_definition_reference_id
        shown["resourceDiscoveryMode"] = self.asked.resource_discovery_mode
        if "filters" in asked:
            shown["filters"] = asked["filters"]
        shown |= {"provisioningState": self.state}
        shown |= {"createdOn": stamp(self.created), "lastUpdatedOn": stamp(self.updated)}
        shown |= {"deploymentStatus": self.summary(now)}
        if api_version >= _WITH_STATUS_MESSAGE:
            shown["statusMessage"] = f"The remediation is {self.state}."  # the service's own words are not known
        shown["correlationId"] = self.correlation
        return shown | {name: asked[name] for name in _ECHOED if name in asked}


def _deployment_id(resource_id: str) -> str:
    """An id as policy deployments have it: `PolicyDeployment_` and up to 20 digits, in the resource's group."""
    parts = ids.segments(resource_id)
    place = "/".join(parts[: 4 if ids.resource_group_of(resource_id) else 2])
    name = f"PolicyDeployment_{10**18 + next(_numbers) * 7919}"
    return ids.echo(f"/{place}/providers/Microsoft.Resources/deployments/{name}")
