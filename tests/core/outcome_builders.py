"""Cases after a step that somebody is told of, made by the table of transitions itself."""

from responder.core import seen
from responder.core.case import Case
from responder.core.outcome import Outcome
from responder.core.task import Deployment
from responder.core.transitions import record
from tests.core.builders import a_task, at

CLAIM = "c1"


def stopped(case: Case, because: str = "The template is broken.") -> Case:
    """An opening case that Azure refused for good."""
    return record(case, seen.Refused(because), at(5))


def task_ended(
    outcome: Outcome, *deployments: Deployment, more: bool = False, because: str = "As it ended."
) -> seen.TaskEnded:
    """A task that was seen to end."""
    failed = sum(row.failed for row in deployments)
    task = a_task("Failed" if failed else "Succeeded", len(deployments), len(deployments) - failed, failed)
    return seen.TaskEnded(task, outcome, because, more, deployments)
