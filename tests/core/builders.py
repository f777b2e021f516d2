"""Values for tests, each with sensible defaults: say only what the test is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from responder.core import instant
from responder.core.case import Case, CaseKey, Kind, News, Plan, State
from responder.core.observed_state import ObservedState
from responder.core.policy_state import PolicyStateChange
from responder.core.resource_id import resource_id
from responder.core.resource_row import ResourceRow
from responder.core.rule_settings import Settings
from responder.core.task import Deployment, Task

SUBSCRIPTION = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590"
GROUP = f"{SUBSCRIPTION}/resourcegroups/rg-a"
ASSIGNMENT = f"{SUBSCRIPTION}/providers/microsoft.authorization/policyassignments/deploy-diag-kv"
DEFINITION = "/providers/microsoft.authorization/policydefinitions/951af2fa-529b-416e-ab6e-066fd85ac459"
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SETTINGS = Settings(
    gather_for=timedelta(minutes=2),
    gather_at_most=timedelta(minutes=15),
    grace=timedelta(0),
    poll_first=timedelta(seconds=30),
)


def at(minutes: float) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=minutes)


def scan(minutes: float) -> int:
    """The ticks of a scan so many minutes after the start."""
    return instant.of(at(minutes))


def vault(name: str, group: str = GROUP) -> str:
    """The id of a key vault."""
    return f"{group}/providers/microsoft.keyvault/vaults/{name}"


def a_key(kind: Kind = Kind.RESOURCE, place: str | None = None) -> CaseKey:
    """The key of a case."""
    return CaseKey(ASSIGNMENT, DEFINITION, kind, place or (GROUP if kind is Kind.GROUP else vault("kv1")))


def a_change(
    name: str = "kv1", minutes: float = 0, compliance: str = "noncompliant", **changes: object
) -> PolicyStateChange:
    """A parsed event."""
    change = PolicyStateChange(
        event_id="E1",
        kind="Changed",
        resource=resource_id(vault(name)),
        assignment=resource_id(ASSIGNMENT),
        definition=resource_id(DEFINITION),
        reference="",
        compliance=compliance,
        scan=scan(minutes),
    )
    return replace(change, **changes)  # type: ignore[arg-type]


def a_news(key: CaseKey | None = None, withdraws: bool = False, minutes: float = 0) -> News:
    """What an event says to a case."""
    return News(
        key=key or a_key(),
        definition=DEFINITION,
        reference="",
        withdraws=withdraws,
        settings=SETTINGS,
        rule="key vault diagnostics",
        due=at(minutes + 2),
    )


def a_plan(*names: str, scope: str | None = None, **changes: object) -> Plan:
    """A plan for some vaults."""
    resources = tuple(vault(name) for name in names or ("kv1",))
    plan = Plan(
        scope=scope or (resources[0] if len(resources) == 1 else GROUP),
        name="responder-0123456789abcdef0123-1",
        body={"properties": {"policyAssignmentId": ASSIGNMENT, "resourceCount": len(resources)}},
        resources=resources,
        rule="key vault diagnostics",
        because="Key vaults must log.",
        reason="rule",
        digest="d1",
        made_at=at(2),
    )
    return replace(plan, **changes)  # type: ignore[arg-type]


def a_task(state: str = "Succeeded", total: int = 1, succeeded: int = 1, failed: int = 0, **changes: object) -> Task:
    """A task, ended well unless said otherwise."""
    task = Task(
        id=f"{vault('kv1')}/providers/microsoft.policyinsights/remediations/responder-0123456789abcdef0123-1",
        name="responder-0123456789abcdef0123-1",
        state=state,
        created_on=scan(2),
        last_updated_on=scan(6),
        total=total,
        succeeded=succeeded,
        failed=failed,
    )
    return replace(task, **changes)  # type: ignore[arg-type]


def a_case(state: State = State.GATHERING, **changes: object) -> Case:
    """A case that could really be in that state."""
    case = Case(
        key=a_key(),
        definition=DEFINITION,
        reference="",
        birth="b1",
        round=1,
        state=state,
        settings=SETTINGS,
        rule="key vault diagnostics",
        first_news=START,
        due=None if state in (State.CLOSED, State.STOPPED) else at(2),
        news=False,
        ticket="t1",
    )
    if state in (State.OPENING, State.RUNNING, State.VERIFYING):
        case = replace(case, plan=a_plan())
    if state in (State.RUNNING, State.VERIFYING):
        case = replace(case, task=a_task("Running", 1, 0), opened_at=at(2))
    if state is State.VERIFYING:
        case = replace(case, task=a_task())
    return replace(case, **changes)  # type: ignore[arg-type]


def a_row(name: str = "kv1", minutes: float = 0, key: CaseKey | None = None, **changes: object) -> ResourceRow:
    """What the ledger remembers of one vault."""
    row = ResourceRow(
        resource=vault(name),
        key=key or a_key(place=vault(name)),
        definition=DEFINITION,
        reference="",
        scan=scan(minutes),
        compliance="noncompliant",
        arrived=at(minutes),
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def a_state(
    name: str = "kv1", minutes: float = 0, compliance: str = "noncompliant", **changes: object
) -> ObservedState:
    """What Azure shows of one vault."""
    state = ObservedState(
        resource=resource_id(vault(name)),
        compliance=compliance,
        scan=scan(minutes),
        effect="deployifnotexists",
        location="westeurope",
        tags={},
        management_groups=("alz",),
    )
    return replace(state, **changes)  # type: ignore[arg-type]


def a_deployment(name: str = "kv1", status: str = "Succeeded", code: str = "", message: str = "") -> Deployment:
    """One row of a task's deployments."""
    return Deployment(
        resource=vault(name),
        status=status,
        deployment_id=f"{GROUP}/providers/microsoft.resources/deployments/policydeployment_12003642577558566238",
        error_code=code,
        error_message=message,
        created_on=scan(3),
        last_updated_on=scan(5),
    )
