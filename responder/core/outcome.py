"""How a round ended. A closed list: alerts and the person on duty depend on it.

"Succeeded" is Azure's word for the task, never ours for the result: a task that found nothing, one whose count
was too small and one whose resources are still non-compliant are outcomes of their own.
"""

from collections.abc import Sequence
from enum import StrEnum

from responder.core.task import Deployment, Task


class Outcome(StrEnum):
    """What a round came to."""

    OBSERVED = "observed"
    WITHDRAWN = "withdrawn"
    NOTHING_TO_DO = "nothing-to-do"
    REMEDIATED = "remediated"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    INEFFECTIVE = "ineffective"
    PARTLY_FAILED = "partly-failed"
    FAILED = "failed"
    TRUNCATED = "truncated"
    CANCELED = "canceled"
    TIMED_OUT = "timed-out"
    LOST = "lost"
    REFUSED = "refused"
    EXPIRED = "expired"


BAD = frozenset({Outcome.FAILED, Outcome.PARTLY_FAILED, Outcome.INEFFECTIVE, Outcome.TIMED_OUT, Outcome.LOST})
"""A bad round: it is tried again, as often as `retry` says, and counts for the definition's breaker."""


def outcome_of(task: Task, short: bool, timed_out: bool) -> Outcome:
    """The outcome of an ended task whose counters have settled; `short` where it never came to all that was planned.

    Failures come first: they are what a person must see.
    """
    if task.end == "Canceled":
        return Outcome.TIMED_OUT if timed_out else Outcome.CANCELED
    if task.failed or task.end == "Failed":
        return Outcome.PARTLY_FAILED if task.succeeded else Outcome.FAILED
    if timed_out:
        return Outcome.TIMED_OUT
    if task.total == 0:
        return Outcome.NOTHING_TO_DO
    return Outcome.TRUNCATED if short else Outcome.REMEDIATED


def used_up(task: Task, wanted: int, asked: int) -> bool:
    """Whether the task's count was smaller than the need: what it shows no deployment for, it never came to."""
    return task.total >= asked and wanted > asked


def settled(task: Task, deployments: Sequence[Deployment], same_looks: int) -> bool:
    """Whether an ended task's counters can be believed.

    A task was seen as Failed while both of its counters were still 0, so an end alone proves nothing. The counters
    are believed when they and the rows add up to the total, or when three looks in a row showed the same.
    """
    counted = task.succeeded + task.failed
    told = sum(row.succeeded or row.failed for row in deployments)
    return (task.total > 0 and counted >= task.total and told >= counted) or same_looks >= 2
