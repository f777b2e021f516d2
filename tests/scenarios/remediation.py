"""One remediation task of the model: what it was asked, what it found, and how it looks at any time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from responder.core import instant
from responder.core.task import Deployment, Task
from tests.core.builders import START

_ACCEPTED_FOR = timedelta(seconds=16)
_COUNTERS_LAG = timedelta(seconds=20)


class Result(StrEnum):
    """What becomes of one resource of a task."""

    MENDED = "mended"
    FAILED = "failed"
    INEFFECTIVE = "ineffective"  # the deployment succeeds and changes nothing


@dataclass
class Remediation:
    """A task. It finds at its beginning what is wrong within its scope, and mends it at its end."""

    scope: str
    name: str
    assignment: str
    count: int
    locations: tuple[str, ...]
    found: dict[str, Result] = field(default_factory=dict)
    created: int = 0
    begins: datetime = START
    ends: datetime = START
    visible: datetime = START

    @staticmethod
    def of_body(scope: str, name: str, body: Mapping[str, object]) -> "Remediation":
        """Read the body of a PUT as it goes over the wire."""
        properties = body["properties"]
        assert isinstance(properties, Mapping)
        assert properties["resourceDiscoveryMode"] == "ReEvaluateCompliance"
        locations = (properties.get("filters") or {}).get("locations", ())
        return Remediation(
            scope, name, str(properties["policyAssignmentId"]), int(properties["resourceCount"]), tuple(locations)
        )

    def reaches(self, location: str) -> bool:
        """Whether its filter lets it touch resources there."""
        return not self.locations or location in self.locations

    def look(self, now: datetime) -> Task:
        """What a GET shows: the end comes first, the counters a little later."""
        failed = sum(result is Result.FAILED for result in self.found.values())
        ended, counted = now >= self.ends, now >= self.ends + _COUNTERS_LAG
        state = "Accepted" if now < self.begins + _ACCEPTED_FOR else "Running"
        return Task(
            id=f"{self.scope}/providers/microsoft.policyinsights/remediations/{self.name}",
            name=self.name,
            state=("Failed" if failed else "Succeeded") if ended else state,
            created_on=self.created,
            last_updated_on=instant.of(self.ends) if ended else self.created,
            total=len(self.found) if state == "Running" else 0,
            succeeded=len(self.found) - failed if counted else 0,
            failed=failed if counted else 0,
        )

    def deployments(self, now: datetime) -> tuple[Deployment, ...]:
        """The rows that `listDeployments` shows."""
        status = {Result.MENDED: "Succeeded", Result.INEFFECTIVE: "Succeeded", Result.FAILED: "Failed"}
        done = now >= self.ends
        return tuple(
            Deployment(resource=name, status=status[result] if done else "Evaluating")
            for name, result in self.found.items()
        )
