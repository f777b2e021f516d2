"""A remediation task and its deployments, as Azure shows them (Microsoft.PolicyInsights/remediations, 2024-10-01).

The states are an open list: the documentation, the specification and recordings disagree. The service's own
refusal of a DELETE names the ones that end a task: Succeeded, Canceled, Failed. `Complete` is documented and
was never recorded; it is read as Succeeded. Whatever else Azure says, the task is still going on.
"""

from dataclasses import dataclass

_ENDS = {"succeeded": "Succeeded", "complete": "Succeeded", "failed": "Failed", "canceled": "Canceled"}


@dataclass(frozen=True, slots=True)
class Task:
    """One look at a task. Times are ticks. Counters lag the state: read them until they settle."""

    id: str
    name: str
    state: str  # as Azure spells it
    created_on: int
    last_updated_on: int
    total: int
    succeeded: int
    failed: int
    status_message: str = ""
    correlation_id: str = ""

    @property
    def end(self) -> str | None:
        """`Succeeded`, `Failed` or `Canceled` once Azure calls it ended, else `None`."""
        return _ENDS.get(self.state.lower())


@dataclass(frozen=True, slots=True)
class Deployment:
    """One row of `listDeployments`: what the task did to one resource."""

    resource: str  # folded
    status: str  # as Azure spells it: Succeeded, Failed, Evaluating, …
    deployment_id: str = ""
    location: str = ""
    error_code: str = ""
    error_message: str = ""
    created_on: int = 0
    last_updated_on: int = 0

    @property
    def failed(self) -> bool:
        """Whether the deployment failed; a canceled one did not do its work either."""
        return self.status.lower() in ("failed", "canceled")

    @property
    def succeeded(self) -> bool:
        """Whether the deployment did its work."""
        return self.status.lower() == "succeeded"
