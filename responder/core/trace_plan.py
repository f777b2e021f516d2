"""The trace of a round, planned as values: what was found, decided, deployed, and what failed for which resource.

One trace a round, told when the task has ended and its counters have settled. Ids derive from the case's birth
and the round, so that telling it again after a crash tells the same. The root spans from the plan to the end;
it never starts more than 47 hours ago, because Azure Monitor drops spans that are older than 48.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from responder.core import instant
from responder.core.case import Case, Plan
from responder.core.outcome import BAD, Outcome
from responder.core.outside import outside
from responder.core.span import Attribute, Link, Span
from responder.core.task import Deployment, Task
from responder.core.telemetry_names import Attr, SpanName

OLDEST = timedelta(hours=47)
MOST_DEPLOYMENTS = 200
_NAMED = 100
_LONGEST_FACTS = 8000
_Attributes = dict[str, Attribute]


def trace_of(case: Case) -> Link:
    """The ids of a round's root span."""
    return Link(_id(case, "trace", 32), _id(case, "root", 16))


def round_trace(
    case: Case, plan: Plan, task: Task, deployments: Sequence[Deployment], outcome: Outcome, because: str, now: datetime
) -> tuple[Span, ...]:
    """The whole trace of a round whose task has ended: root, confirm, open, run, and one span a deployment."""
    start = _start(plan, now)
    opened = max(start, instant.of(case.opened_at) if case.opened_at else start)
    end = max(opened, task.last_updated_on)
    root = trace_of(case)
    run = _id(case, "run", 16)
    attributes = {**_about(case, plan), **_of_task(task), Attr.OUTCOME.value: outcome.value}
    strangers = outside(plan, deployments)
    if strangers:
        attributes[Attr.OUTSIDE] = ", ".join(strangers[:_NAMED])
    error = because if outcome in BAD else None
    return (
        Span(SpanName.ROUND, root.trace_id, root.span_id, start, end, "", "INTERNAL", attributes, error, plan.links),
        _child(case, SpanName.CONFIRM, root, start, start, _decided(plan)),
        _child(case, SpanName.OPEN, root, start, opened, {Attr.TASK_NAME: plan.name, Attr.SCOPE: plan.scope}),
        Span(SpanName.RUN, root.trace_id, run, opened, end, root.span_id, "CLIENT", _of_task(task), error),
        *_deployments(case, Link(root.trace_id, run), _first_of(deployments, strangers), opened, end),
    )


def observed_trace(case: Case, plan: Plan, now: datetime) -> tuple[Span, ...]:
    """The trace of a round that only observes: what would have been opened, and for what."""
    start = _start(plan, now)
    root = trace_of(case)
    attributes = {**_about(case, plan), Attr.OUTCOME.value: Outcome.OBSERVED.value}
    return (
        Span(SpanName.ROUND, root.trace_id, root.span_id, start, start, "", "INTERNAL", attributes, None, plan.links),
        _child(case, SpanName.CONFIRM, root, start, start, _decided(plan)),
    )


def verify_span(case: Case, plan: Plan, task: Task, outcome: Outcome, because: str, now: datetime) -> Span:
    """The span that joins the round's trace once Azure Policy has looked again."""
    root = trace_of(case)
    start = max(task.last_updated_on, instant.of(now - OLDEST))
    attributes = {**_about(case, plan), **_of_task(task), Attr.OUTCOME.value: outcome.value}
    error = because if outcome in BAD else None
    end = max(start, instant.of(now))
    return Span(
        SpanName.VERIFY, root.trace_id, _id(case, "verify", 16), start, end, root.span_id, "INTERNAL", attributes, error
    )


def _about(case: Case, plan: Plan) -> _Attributes:
    waited = (plan.made_at - case.first_news).total_seconds()
    return {
        Attr.CASE: case.id,
        Attr.ROUND: case.round,
        Attr.ASSIGNMENT: case.key.assignment,
        Attr.REFERENCE: case.reference,
        Attr.SCOPE: plan.scope,
        Attr.RULE: plan.rule,
        Attr.REASON: plan.reason,
        Attr.BECAUSE: plan.because,
        Attr.RESOURCE: ", ".join(plan.resources[:_NAMED]),
        Attr.RESOURCES: len(plan.resources),
        Attr.WAITED: max(0.0, waited),
        Attr.TASK_NAME: plan.name,
        **({Attr.CONTESTED: ", ".join(plan.contested)} if plan.contested else {}),
    }


def _of_task(task: Task) -> _Attributes:
    return {
        Attr.TASK_ID: task.id,
        Attr.TASK_NAME: task.name,
        Attr.TASK_STATE: task.state,
        Attr.DEPLOYMENTS_TOTAL: task.total,
        Attr.DEPLOYMENTS_SUCCEEDED: task.succeeded,
        Attr.DEPLOYMENTS_FAILED: task.failed,
    }


def _decided(plan: Plan) -> _Attributes:
    facts = json.dumps(plan.facts, ensure_ascii=False, sort_keys=True)[:_LONGEST_FACTS]
    return {
        Attr.DIGEST: plan.digest,
        Attr.FACTS: facts,
        Attr.RULE: plan.rule,
        Attr.REASON: plan.reason,
        Attr.BECAUSE: plan.because,
        Attr.SCOPE: plan.scope,
        Attr.RESOURCES: len(plan.resources),
    }


def _first_of(deployments: Sequence[Deployment], strangers: Sequence[str]) -> Sequence[Deployment]:
    """Failures first, then what the plan did not name, at most 200: the counts are on the root."""
    beyond = set(strangers)
    return sorted(deployments, key=lambda row: (not row.failed, row.resource not in beyond, row.resource))[
        :MOST_DEPLOYMENTS
    ]


def _deployments(case: Case, run: Link, deployments: Sequence[Deployment], opened: int, end: int) -> tuple[Span, ...]:
    return tuple(_deployment(case, run, row, opened, end) for row in deployments)


def _deployment(case: Case, run: Link, row: Deployment, opened: int, end: int) -> Span:
    start = max(opened, row.created_on or opened)
    attributes: _Attributes = {
        Attr.RESOURCE: row.resource,
        Attr.DEPLOYMENT_ID: row.deployment_id,
        Attr.DEPLOYMENT_STATUS: row.status,
    }
    if row.failed:
        attributes |= {Attr.ERROR_CODE: row.error_code, Attr.ERROR_MESSAGE: row.error_message}
    return Span(
        name=SpanName.DEPLOYMENT,
        trace_id=run.trace_id,
        span_id=_id(case, f"deployment {row.resource}", 16),
        start=start,
        end=max(start, row.last_updated_on or end),
        parent_span_id=run.span_id,
        attributes=attributes,
        error=f"{row.error_code or 'failed'}: {row.error_message}" if row.failed else None,
    )


def _child(case: Case, name: SpanName, root: Link, start: int, end: int, attributes: Mapping[str, Attribute]) -> Span:
    return Span(name, root.trace_id, _id(case, name.value, 16), start, end, root.span_id, "INTERNAL", attributes)


def _start(plan: Plan, now: datetime) -> int:
    return instant.of(max(plan.made_at, now - OLDEST))


def _id(case: Case, what: str, digits: int) -> str:
    return hashlib.sha256(f"{case.id}\n{case.birth}\n{case.round}\n{what}".encode()).hexdigest()[:digits]
