"""What a task did beyond its plan: `ReEvaluateCompliance` looks again, and the scope is all that limits it.

A task wider than one resource may come to a neighbour that became non-compliant after the plan was made. Nobody decided
that, so a person must know.
"""

from collections.abc import Iterable

from responder.core.case import Plan
from responder.core.task import Deployment


def outside(plan: Plan, deployments: Iterable[Deployment]) -> tuple[str, ...]:
    """The resources that the task deployed something for and that the plan did not name, in order.

    Neighbours that the same rule had decided and an earlier task had covered (`Plan.beside`) are named by it.
    """
    named = {*plan.resources, *plan.beside}
    return tuple(sorted({row.resource for row in deployments if _did_something(row)} - named))


def _did_something(row: Deployment) -> bool:
    """Whether anything was deployed, or tried to be: rows that were only evaluated say neither."""
    return bool(row.deployment_id) or row.succeeded or row.failed
