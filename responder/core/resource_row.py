"""What the ledger remembers of one resource under one policy, whatever case holds it.

A row stays when its resource is withdrawn (a tombstone), so that an old event that is delivered again changes
nothing. Times that are compared with Azure's are ticks of Azure's own clock.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from responder.core.case import Case, CaseKey
from responder.core.observed_state import ObservedState
from responder.core.policy_state import NONCOMPLIANT, PolicyStateChange
from responder.core.resource_id import resource_id
from responder.core.span import Link
from responder.core.task import Task


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the door decided when it let the newest news in."""

    answer: str
    rule: str
    reason: str
    digest: str  # of the rule's text then


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One resource. `scan` orders its news; the other ticks say what has been dealt with already."""

    resource: str
    key: CaseKey  # the case that holds it now; an event never changes it
    definition: str
    reference: str
    scan: int
    compliance: str
    arrived: datetime  # when the newest news came
    event_id: str = ""
    link: Link | None = None
    admitted: Admitted | None = None
    covered_at: int = 0  # createdOn of the newest ended task that had it in its plan and did not fail it
    tried_until: int = 0  # the end of the newest task that tried it
    cool_until: int = 0  # no new task for news scanned before this
    settled: int = 0  # news up to this scan was dealt with without a task
    attempts: int = 0  # ended tasks that tried it
    because: str = ""  # why it was last withdrawn or left alone

    @property
    def noncompliant(self) -> bool:
        """Whether the newest news calls it non-compliant."""
        return self.compliance == NONCOMPLIANT

    @property
    def pending(self) -> bool:
        """Whether its news still asks for a task: not covered, not cooling down, not dealt with."""
        return self.noncompliant and self.scan > max(self.settled, self.cool_until) and not self.covered(self.scan)

    def covered(self, scan: int) -> bool:
        """Whether a state of that scan time is older than the task that took care of it."""
        return scan < self.covered_at

    def cooling(self, scan: int) -> bool:
        """Whether a state of that scan time asks again too soon after a task."""
        return bool(self.cool_until) and scan <= self.cool_until

    def as_state(self) -> ObservedState:
        """Its newest news, in the words of a policy state."""
        return ObservedState(resource_id(self.resource), self.compliance, self.scan, None, None, None, None)

    @property
    def came_back(self) -> bool:
        """Whether it was found non-compliant again after a task's end and within its cooldown."""
        return self.noncompliant and self.settled < self.scan and self.tried_until < self.scan <= self.cool_until


@dataclass(frozen=True, slots=True)
class Settle:
    """The news up to `scan` is dealt with without a task, and why."""

    resource: str
    scan: int
    because: str


@dataclass(frozen=True, slots=True)
class Show:
    """Azure shows another compliance by a newer scan."""

    resource: str
    scan: int
    compliance: str
    because: str


@dataclass(frozen=True, slots=True)
class Tried:
    """An ended task had it in its plan; `covered` where its deployment did not fail and was not missing."""

    resource: str
    task: Task
    covered: bool
    cooldown: timedelta


@dataclass(frozen=True, slots=True)
class Leftover:
    """It was in the plan of a task whose count was used up: still to be remediated, in the next round."""

    resource: str


RowUpdate = Settle | Show | Tried | Leftover


def heard(row: ResourceRow | None, change: PolicyStateChange, key: CaseKey, now: datetime) -> ResourceRow | None:
    """The row after an event, or `None` where it writes nothing: older news, a repeat, or good news of a stranger.

    On a tie NonCompliant wins, and confirm decides.
    """
    compliance = "deleted" if change.kind == "Deleted" else change.compliance
    if row is None:
        if change.withdraws:
            return None
        return ResourceRow(
            resource=change.resource.text,
            key=key,
            definition=change.definition.text,
            reference=change.reference,
            scan=change.scan,
            compliance=compliance,
            arrived=now,
            event_id=change.event_id,
        )
    newer = change.scan > row.scan
    worse = change.scan == row.scan and not change.withdraws and not row.noncompliant
    if not (newer or worse):
        return None
    return replace(
        row,
        scan=change.scan,
        compliance=compliance,
        arrived=now,
        event_id=change.event_id,
        definition=change.definition.text,
    )


def updated(row: ResourceRow, update: RowUpdate) -> ResourceRow:
    """The row after one update; a fact that is older than what the row knows changes nothing."""
    match update:
        case Settle(scan=scan, because=because):
            return replace(row, settled=max(row.settled, scan), because=because)
        case Show(scan=scan, compliance=compliance, because=because):
            if scan < row.scan:
                return row
            return replace(row, scan=scan, compliance=compliance, because=because)
        case Tried(task=task, covered=covered, cooldown=cooldown):
            ended = max(row.tried_until, task.last_updated_on)
            again = task.last_updated_on > row.tried_until
            return replace(
                row,
                covered_at=max(row.covered_at, task.created_on) if covered else row.covered_at,
                tried_until=ended,
                attempts=row.attempts + again,
                cool_until=max(row.cool_until, ended + cooldown // timedelta(microseconds=1) * 10),
            )
        case Leftover():
            return row


def unannounced(update: RowUpdate, case: Case, now: datetime) -> ResourceRow | None:
    """The row of a resource that no event announced and that a task's plan took along; `None` where none is needed.

    A leftover gets the oldest scan there is, so that whatever Azure shows of it has caught up.
    """
    match update:
        case Tried(task=task):
            scan, settled = task.created_on, task.created_on
        case Leftover():
            scan, settled = 1, 0
        case _:
            return None
    row = ResourceRow(
        update.resource, case.key, case.definition, case.reference, scan, NONCOMPLIANT, now, settled=settled
    )
    return updated(row, update)
