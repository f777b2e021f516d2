"""The data of an outcome event: what a ticket, a card or a flow needs, cut to what one event may hold.

Event Grid counts each 64 KiB of an event as an event of its own (learn.microsoft.com/azure/event-grid/event-schema) and
refuses one above 1 MiB. `docs/outcome-events.schema.json` describes every key.
"""

import json
from collections.abc import Mapping, Sequence

from responder.core import instant
from responder.core.case import Case, Kind, Plan
from responder.core.legible import legible
from responder.core.task import Deployment, Task

MOST_BYTES = 48 * 1024
"""Of the data alone; the attributes around it, a subject of 2,048 characters included, fit into what is left."""
MOST_RESOURCES = 50
MOST_FAILURES = 20
_LONGEST = 500
_LISTS = ("resources", "failures")

Data = dict[str, object]


def data_of(
    case: Case, plan: Plan | None, because: str, task: Task | None = None, deployments: Sequence[Deployment] = ()
) -> Data:
    """What every type of event tells of a case."""
    resources = plan.resources if plan else _itself(case)
    failed = [row for row in deployments if row.failed]
    return fitted(
        {
            "case": case.id,
            "round": case.round,
            "rule": legible(plan.rule if plan else case.rule, _LONGEST),
            "assignment": case.key.assignment,
            "definition": case.definition,
            "reference": case.reference,
            "place": case.key.place,
            "kind": case.key.kind.value,
            "because": legible(because, _LONGEST),
            "resourceCount": len(resources),
            "resources": list(resources[:MOST_RESOURCES]),
            "failureCount": task.failed if task else len(failed),
            "failures": [_failure(row) for row in failed[:MOST_FAILURES]],
            "task": _task(task) if task else None,
            "cut": len(resources) > MOST_RESOURCES or len(failed) > MOST_FAILURES,
        }
    )


def fitted(data: Data) -> Data:
    """The same in at most `MOST_BYTES`: the longer list is halved, and `cut` says so."""
    while len(json.dumps(data)) > MOST_BYTES:
        longer = max(_LISTS, key=lambda name: len(json.dumps(data[name])))
        listed = data[longer]
        if not isinstance(listed, list) or not listed:
            return data
        data = {**data, longer: listed[: len(listed) // 2], "cut": True}
    return data


def _itself(case: Case) -> tuple[str, ...]:
    """What a case without a plan is about, where that is one resource."""
    return () if case.key.kind is Kind.GROUP else (case.key.place,)


def _failure(row: Deployment) -> Mapping[str, object]:
    return {"resource": row.resource, "status": legible(row.status, 40), "errorCode": legible(row.error_code, 100)}


def _task(task: Task) -> Mapping[str, object]:
    return {
        "id": task.id,
        "name": task.name,
        "state": legible(task.state, 40),
        "createdOn": instant.iso(task.created_on),
        "endedOn": instant.iso(task.last_updated_on),
        "total": task.total,
        "succeeded": task.succeeded,
        "failed": task.failed,
    }
