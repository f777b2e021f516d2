"""Read what a run left behind: the simulator's log, the traces, the rows of the ledger."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from responder.adapters import resource_rows
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.ledger import RESOURCES
from responder.commands.open_ledger import open_storage_of
from responder.core import instant
from responder.core.case import Case, State, Stop
from responder.core.telemetry_names import Attr, SpanName
from responder.local.simulator.request_log import Entry
from responder.local.simulator.task import Task
from tests.chaos.evidence import Call, Event, Evidence, Known, Opened, Pause, Root
from tests.chaos.places import POLICIES, vaults_of
from tests.chaos.site import LEASE, Site

_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)
_CLIENT = re.compile(r"host-\d+")
_OVER = (State.CLOSED, State.STOPPED)


async def evidence_of(
    site: Site, events: tuple[Event, ...], pauses: Sequence[Pause], cases: Sequence[Case]
) -> Evidence:
    """Everything that is judged."""
    world, spans = site.simulator.world, site.traces()
    states = world.tenant.states.values()
    return Evidence(
        size=site.size,
        vaults=vaults_of(site.size),
        events=events,
        decided=frozenset(str(_told(span, Attr.EVENT_ID)) for span in spans if span["name"] == SpanName.EVENT),
        tasks=tuple(_opened(task) for task in world.tasks),
        calls=tuple(_call(entry) for entry in world.requests.entries()),
        pauses=tuple(pauses),
        roots=tuple(_root(span) for span in spans if span["name"] == SpanName.ROUND),
        known=tuple([one async for one in _known(site.storage, cases)]),
        broken=frozenset(state.resource_id.lower() for state in states if state.compliance_state == "NonCompliant"),
        unfinished=tuple(f"{case.id} ({case.state}, {case.reason})" for case in cases if case.state not in _OVER),
        deaths=tuple(site.deaths),
        put_limit=timedelta(seconds=LEASE) / 3,
    )


def event_seen(event: Mapping[str, Any]) -> Event:
    """What is to be found of an event later."""
    data = event["data"]
    noncompliant = data["complianceState"] == "NonCompliant"
    return Event(event["id"], event["subject"].lower(), instant.ticks(data["timestamp"]), noncompliant)


def _opened(task: Task) -> Opened:
    return Opened(
        name=task.name,
        scope=task.scope.lower(),
        assignment=task.asked.policy_assignment_id.lower(),
        definition=dict(POLICIES)[task.asked.policy_assignment_id.lower()],
        count=task.asked.resource_count or 0,
        created=task.created,
        ended=task.history[-1][1] if task.ended else None,
        deployed=tuple(row.resource.id.lower() for row in task.deployments),
    )


def _call(entry: Entry) -> Call:
    path = entry.request.path
    found, client = _SUBSCRIPTION.match(path), _CLIENT.search(entry.client)
    return Call(
        client=client[0] if client else entry.client,
        method=entry.request.method,
        path=path,
        subscription=found[1].lower() if found else "",
        at=entry.at,
        status=entry.status,
        answered=entry.answered,
        retry_after=float(entry.retry_after) if entry.status == 429 and entry.retry_after else 0.0,
    )


def _root(span: Mapping[str, object]) -> Root:
    case, number, task = (_told(span, name) for name in (Attr.CASE, Attr.ROUND, Attr.TASK_NAME))
    return Root(str(case), int(str(number)), str(task), f"{span['traceId']}-{span['spanId']}")


def _told(span: Mapping[str, object], name: Attr) -> object:
    return cast(Mapping[str, object], span["attributes"]).get(name.value)


async def _known(storage: str, cases: Sequence[Case]) -> AsyncIterator[tuple[str, Known]]:
    """Each resource's row. It is given up where it says so and its case is stopped for that reason."""
    stopped = {case.id for case in cases if case.state is State.STOPPED and case.reason == Stop.GIVEN_UP}
    async with open_storage_of({"AzureWebJobsStorage": storage}) as clients:
        async for entity in ConditionalTable(clients.tables, RESOURCES).query("version ge 0", {}):
            row = resource_rows.from_entity(entity)
            yield row.resource, Known(row.scan, bool(row.given_up) and row.key.id in stopped)
