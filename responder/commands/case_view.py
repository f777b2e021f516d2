"""A case in the words of the contract: what `cases` and `show` print, for people and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from responder.commands.approval_view import approval_of, word_of
from responder.core import instant
from responder.core.case import Case, Hold, State
from responder.core.next_step import CheckTask, Confirm, HandOver, OpenTask, Rest, Verify, step_of
from responder.core.resource_row import ResourceRow
from responder.core.task import Deployment, Task

Document = dict[str, object]
_SPELLED = {"noncompliant": "NonCompliant", "compliant": "Compliant", "deleted": "Deleted", "exempt": "Exempt"}
_NEXT: Mapping[type, str] = {
    Confirm: "read the policy states and decide again",
    HandOver: "hand its resources over to cases of their own",
    OpenTask: "create the task, or find it",
    CheckTask: "look how far the task is",
    Verify: "look whether Azure Policy calls the resources compliant",
}
_HELD: Mapping[Hold, str] = {
    Hold.WAITING_FOR_APPROVAL: "wait for `approve` or `reject`; look again, or let the question lapse",
    Hold.WAITING_FOR_WINDOW: "look whether the window is open",
    Hold.WAITING_FOR_SLOT: "ask for a slot again, unless one is free sooner",
    Hold.WAITING_FOR_RETRY: "try again",
    Hold.WAITING_FOR_TASK: "look whether the other task has ended",
    Hold.BREAKER_OPEN: "look whether a person has closed the breaker",
    Hold.PAUSED: "look whether it is still paused",
    Hold.THROTTLED: "ask Azure again",
}


def row_of(case: Case) -> Document:
    """One case as `cases --json` lists it."""
    return {
        "case": case.id,
        "state": case.state.value,
        "reason": case.reason,
        "rule": case.rule,
        "assignment": case.key.assignment,
        "reference": case.reference,
        "place": case.key.place,
        "round": case.round,
        "due": case.due.isoformat() if case.due else None,
        "outcome": case.outcome.value if case.outcome else None,
    }


def document_of(case: Case, rows: Sequence[ResourceRow]) -> Document:
    """One case as `show --json` prints it."""
    return {
        **row_of(case),
        "kind": case.key.kind.value,
        "because": case.because,
        "next": next_words(case),
        "resources": [resource_of(row) for row in rows if row.key == case.key],
        "plan": _plan_of(case),
        "approval": approval_of(case),
        "cancel": word_of(case.cancel),
        "task": _task_of(case.task) if case.task else None,
        "deployments": [deployment_of(row) for row in case.deployments],
        "history": [
            {
                "at": moment.at.isoformat(),
                "state": moment.state.value,
                "reason": moment.reason,
                "because": moment.because,
            }
            for moment in case.history
        ],
    }


def resource_of(row: ResourceRow) -> Document:
    """One resource of a case."""
    return {
        "resource": row.resource,
        "complianceState": _SPELLED.get(row.compliance, row.compliance),
        "scanned": instant.iso(row.scan),
        "coveredAt": instant.iso(row.covered_at) if row.covered_at else None,
        "attempts": row.attempts,
        "retryAt": instant.iso(row.retry_at) if row.owed and row.retry_at else None,
        "givenUp": bool(row.given_up),
        "contested": row.contested,
        "admitted": asdict(row.admitted) if row.admitted else None,
        "because": row.because,
    }


def last_word(row: ResourceRow) -> str:
    """What is to be said of one resource: where it stands with its attempts, then why."""
    standing = []
    if row.given_up:
        standing.append("Given up.")
    if row.owed and row.retry_at:
        standing.append(f"Next attempt from {instant.iso(row.retry_at)}.")
    if row.contested:
        standing.append("Contested: somebody keeps undoing its remediation.")
    return " ".join((*standing, row.because))


def deployment_of(row: Deployment) -> Document:
    """One deployment of the ended task."""
    error = {"code": row.error_code, "message": row.error_message} if row.failed else None
    return {"resource": row.resource, "status": row.status, "deploymentId": row.deployment_id, "error": error}


def next_words(case: Case) -> str:
    """What comes next, in words."""
    if case.state is State.CLOSED:
        return "nothing: the round is over; the next news starts a new one"
    if case.state is State.STOPPED:
        return "nothing until a person looks at it, or its rule changes"
    if case.state is State.HELD and case.reason in _HELD:
        return _HELD[Hold(case.reason)]
    step = step_of(case, case.due or datetime.max)
    return "nothing" if isinstance(step, Rest) else _NEXT[type(step)]


def _plan_of(case: Case) -> Document | None:
    plan = case.plan
    if plan is None:
        return None
    return {
        "scope": plan.scope,
        "name": plan.name,
        "body": dict(plan.body),
        "resources": list(plan.resources),
        "rule": plan.rule,
        "because": plan.because,
        "reason": plan.reason,
        "effect": plan.effect,
        "digest": plan.digest,
        "facts": dict(plan.facts),
        "madeAt": plan.made_at.isoformat(),
    }


def _task_of(task: Task) -> Document:
    return {
        "id": task.id,
        "name": task.name,
        "provisioningState": task.state,
        "createdOn": instant.iso(task.created_on),
        "lastUpdatedOn": instant.iso(task.last_updated_on),
        "totalDeployments": task.total,
        "successfulDeployments": task.succeeded,
        "failedDeployments": task.failed,
    }
