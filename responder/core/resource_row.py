"""What the ledger remembers of one resource under one policy, whatever case holds it.

A row stays when its resource is withdrawn (a tombstone), so that an old event that is delivered again changes
nothing. Times that are compared with Azure's are ticks of Azure's own clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from responder.core import instant
from responder.core.case import Case, CaseKey
from responder.core.observed_state import ObservedState
from responder.core.policy_state import COMPLIANT, NONCOMPLIANT, PolicyStateChange
from responder.core.resource_id import resource_id
from responder.core.rule_settings import Retry
from responder.core.span import Link
from responder.core.task import Task

CONTESTED = 3
_CONTESTED_WITHIN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the door decided when it let the newest news in."""

    answer: str
    rule: str
    reason: str
    digest: str  # of the rule's text then


_WHENEVER = datetime.min.replace(tzinfo=UTC)


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
    mended: bool = False  # that task's deployment for it succeeded, and nothing has undone it since
    missed_from: int = 0  # news from then on is still to be met: that task was done with it, or it was compliant since
    cool_until: int = 0  # no new task for news scanned before this
    settled: int = 0  # news up to this scan was dealt with without a task
    attempts: int = 0  # ended tasks that tried it since Azure last called it compliant
    owed: bool = False  # a try went badly or did not last: it asks for another although no newer news came
    retry_at: int = 0  # by our clock: no task before this
    given_up: str = ""  # the digest of the rule under which its last attempt was made
    verified: int = 0  # when Azure called it compliant after a task of ours
    comebacks: tuple[int, ...] = ()  # scans that found it non-compliant again after that
    because: str = ""  # why it was last withdrawn or left alone
    error_code: str = ""  # Azure's, where the newest task's deployment for it failed

    @property
    def noncompliant(self) -> bool:
        """Whether the newest news calls it non-compliant."""
        return self.compliance == NONCOMPLIANT

    @property
    def pending(self) -> bool:
        """Whether it asks for a task, now or at `retry_at`: owed one, or by news that was not dealt with."""
        if not self.noncompliant or self.given_up:
            return False
        fresh = self.scan > max(self.settled, self.cool_until) and not self.covered(self.scan)
        return fresh or self.owed

    @property
    def open(self) -> bool:
        """Whether its case still has something to do or to say about it."""
        return self.pending or self.came_back or (bool(self.given_up) and self.noncompliant)

    def waits(self, now: datetime) -> bool:
        """Whether its next attempt has to wait."""
        return self.retry_at > instant.of(now)

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
        """Whether it was found non-compliant again after a task's end and within its cooldown.

        A task may run for hours. It counts from the end of the resource's own deployment, or from its beginning
        where it did nothing for the resource, which was compliant then. Where what was still owed fell away because
        somebody else mended it, it counts from then: Azure tells once that it is non-compliant again.
        """
        if self.owed or self.given_up or not (self.mended or self.missed_from):
            return False
        since = max(self.settled, self.missed_from or self.tried_until)
        return self.noncompliant and since < self.scan <= self.cool_until

    @property
    def unverified(self) -> bool:
        """Whether a task mended it and no scan since that task's end is known."""
        return self.noncompliant and self.mended and not self.owed and self.scan <= self.tried_until

    @property
    def contested(self) -> bool:
        """Whether somebody keeps undoing its remediation: it came back three times in 14 days after it was verified."""
        return len(self.comebacks) >= CONTESTED


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
    """An ended task had it in its plan; `covered` where its deployment did its work.

    `retry` says on what terms it is tried again where the task went badly for it, and is None where it did not.
    """

    resource: str
    task: Task
    covered: bool
    cooldown: timedelta
    retry: Retry | None = None
    counts: bool = True  # as an attempt; a task that a person canceled does not
    done: int = 0  # the end of its own deployment, where that is told
    because: str = ""  # what Azure said where it failed
    error_code: str = ""  # the code of that


@dataclass(frozen=True, slots=True)
class DidNotLast:
    """Its task did its work, and a scan after that calls it non-compliant all the same."""

    resource: str
    scan: int
    because: str
    retry: Retry


@dataclass(frozen=True, slots=True)
class Pardon:
    """A person, or a change of its rule, gives it a fresh start; the cooldown is kept."""

    resource: str


@dataclass(frozen=True, slots=True)
class Hurry:
    """A person ends the wait for its next attempt; the cooldown of a task that did not last is kept."""

    resource: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It was tried as often as its rule allows, and asks again."""

    resource: str
    digest: str
    because: str


@dataclass(frozen=True, slots=True)
class Leftover:
    """It was in the plan of a task whose count was used up: still to be remediated, in the next round."""

    resource: str


RowUpdate = Settle | Show | Tried | DidNotLast | Pardon | Hurry | GiveUp | Leftover


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
    told = replace(row, arrived=now, event_id=change.event_id, definition=change.definition.text)
    return _shown(told, change.scan, compliance)


def updated(row: ResourceRow, update: RowUpdate) -> ResourceRow:
    """The row after one update; a fact that is older than what the row knows changes nothing."""
    match update:
        case Settle(scan=scan, because=because):
            newest = scan >= row.scan
            owed, given_up = row.owed and not newest, "" if newest else row.given_up
            return replace(row, settled=max(row.settled, scan), owed=owed, given_up=given_up, because=because)
        case Show(scan=scan, compliance=compliance, because=because):
            return row if scan < row.scan else replace(_shown(row, scan, compliance), because=because)
        case Tried():
            return _tried(row, update)
        case DidNotLast(scan=scan, because=because, retry=retry):
            if scan <= row.settled or not row.noncompliant:
                return row
            again = _again(replace(row, mended=False), retry)
            return replace(
                again, settled=scan, because=because, retry_at=max(again.retry_at, row.cool_until) if again.owed else 0
            )
        case Pardon():
            return replace(row, given_up="", attempts=0, owed=row.noncompliant, retry_at=row.cool_until)
        case Hurry():
            return replace(row, retry_at=row.cool_until if row.settled > row.tried_until else 0)
        case GiveUp(digest=digest, because=because):
            return replace(row, given_up=digest, owed=False, retry_at=0, because=because)
        case Leftover():
            return row


def _shown(row: ResourceRow, scan: int, compliance: str) -> ResourceRow:
    """The row after a newer word of Azure's.

    Attempts begin anew where it was compliant and the cooldown is over: what somebody undoes at once is one struggle.
    """
    after = replace(row, scan=scan, compliance=compliance)
    rested = scan > row.cool_until and not row.given_up
    if not after.noncompliant:
        attempts = 0 if rested else row.attempts
        after = replace(after, owed=False, retry_at=0, attempts=attempts, missed_from=_met_from(row, scan))
        ours = compliance == COMPLIANT and row.mended and scan > row.tried_until
        return replace(after, verified=scan) if ours else after
    if not row.noncompliant and rested:
        after = replace(after, attempts=0)
    if not row.verified:
        return after
    since = scan - _CONTESTED_WITHIN // timedelta(microseconds=1) * 10
    comebacks = (*(each for each in row.comebacks if each > since), scan)[-10:]
    return replace(after, verified=0, mended=scan <= row.cool_until, comebacks=comebacks)


def _met_from(row: ResourceRow, scan: int) -> int:
    """From when on news of what is compliant by this scan is met, though it comes within the cooldown.

    Also where no task of ours mended it. What a person's cancel left alone stays so until a word from after that.
    """
    if row.mended or row.missed_from or not row.cooling(scan):
        return row.missed_from
    return scan if row.owed or scan > row.tried_until else 0


def _tried(row: ResourceRow, update: Tried) -> ResourceRow:
    """The row after a task that had it in its plan; telling the same task twice changes nothing."""
    task = update.task
    covered_at = max(row.covered_at, task.created_on) if update.covered else row.covered_at
    if task.last_updated_on <= row.tried_until:
        return replace(row, covered_at=covered_at)
    missed = update.retry is None and update.counts
    after = replace(
        row,
        covered_at=covered_at,
        tried_until=task.last_updated_on,
        mended=update.covered,
        missed_from=update.done if update.covered else task.created_on if missed else 0,
        attempts=row.attempts + update.counts,
        cool_until=max(row.cool_until, task.last_updated_on + update.cooldown // timedelta(microseconds=1) * 10),
        owed=False,
        retry_at=0,
        because=update.because or row.because,
        error_code=update.error_code,
    )
    return after if update.covered or update.retry is None else _again(after, update.retry)


def _again(row: ResourceRow, retry: Retry) -> ResourceRow:
    """The row with its next attempt ahead, or given up after the last."""
    if row.attempts >= retry.attempts:
        return replace(row, owed=False, retry_at=0, given_up=retry.digest)
    wait = retry.after(row.attempts) // timedelta(microseconds=1) * 10
    return replace(row, owed=True, retry_at=row.tried_until + wait)


def unannounced(update: RowUpdate, case: Case, now: datetime) -> ResourceRow | None:
    """The row of a resource that no event announced and that a task's plan took along; `None` where none is needed."""
    if not isinstance(update, Tried | Leftover):
        return None
    return updated(_taken_along(update.resource, case.key, case.definition, case.reference, now), update)


def _taken_along(resource: str, key: CaseKey, definition: str, reference: str, now: datetime) -> ResourceRow:
    """It gets the oldest scan there is, so that whatever Azure shows of it has caught up."""
    return ResourceRow(resource, key, definition, reference, 1, NONCOMPLIANT, now)


def still_open(key: CaseKey, rows: Sequence[ResourceRow], updates: Sequence[RowUpdate]) -> bool:
    """Whether a case has anything left to do or to say once these updates are written, also of what is no row yet."""
    known = {row.resource for row in rows}
    after = {row.resource: row for row in rows if row.key == key}
    for update in updates:
        if isinstance(update, Tried) and update.resource not in known:
            after[update.resource] = _taken_along(update.resource, key, "", "", _WHENEVER)
        if update.resource in after:
            after[update.resource] = updated(after[update.resource], update)
    return any(isinstance(update, Leftover) for update in updates) or any(row.open for row in after.values())
