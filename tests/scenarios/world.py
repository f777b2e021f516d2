"""A small model of Azure Policy: what is really wrong, what was scanned, what is shown, and the tasks that mend it.

It knows nothing of the app. It keeps what Azure does to its callers: news comes before or after the states show it;
a new task may be invisible for a while; one task runs per assignment and overlapping scope; a PUT on an active name is
refused, one on an ended name replaces it; counters lag the end; a deployment may fail, or succeed and change nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from responder.core import instant
from responder.core.observed_state import ObservedState
from responder.core.resource_id import resource_id
from tests.core.builders import ASSIGNMENT, DEFINITION, START, SUBSCRIPTION
from tests.scenarios.personas import Resource
from tests.scenarios.remediation import Remediation, Result

ASSIGNMENTS = (ASSIGNMENT, f"{ASSIGNMENT}-2")
_DURATIONS = (2, 6, 11, 30)
_RESULTS = (Result.MENDED, Result.MENDED, Result.FAILED, Result.INEFFECTIVE)


class Refusal(Exception):
    """Azure answers 400."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True, slots=True)
class Scan:
    """One evaluation of one resource; the states show it from `shown` on."""

    at: int
    noncompliant: bool
    shown: datetime


@dataclass
class World:
    """Azure, as far as the app can see it, and the clock that everybody shares."""

    resources: Sequence[Resource]
    assignments: Sequence[str] = ASSIGNMENTS[:1]
    fates: Sequence[int] = ()  # what chance decides, in turn; none left: all goes well
    now: datetime = START
    paused: bool = False
    tasks: list[Remediation] = field(default_factory=list)
    news: list[dict[str, object]] = field(default_factory=list)
    scans: dict[tuple[str, str], list[Scan]] = field(default_factory=dict)
    wrong: set[tuple[str, str]] = field(default_factory=set)
    agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _fate: int = 0

    def clock(self) -> datetime:
        """The time, aware UTC."""
        return self.now

    def fate(self, choices: int) -> int:
        """The next decision of chance, below `choices`."""
        self._fate += 1
        return self.fates[self._fate - 1] % choices if self._fate <= len(self.fates) else 0

    def wait(self, until: datetime) -> None:
        """Let time pass; what is to happen on the way happens at its time."""
        while self.agenda and min(self.agenda)[0] <= until:
            entry = min(self.agenda)
            self.agenda.remove(entry)
            self.now = max(self.now, entry[0])
            entry[2]()
        self.now = max(self.now, until)

    # Scans -----------------------------------------------------------------------------------------------------

    def drift(self, assignment: str, resource: str, *, noncompliant: bool) -> None:
        """Somebody changes the resource, for the worse or the better."""
        (self.wrong.add if noncompliant else self.wrong.discard)((assignment, resource))

    def scan(self, assignment: str, resource: str, shown_after: timedelta = timedelta(0)) -> None:
        """Azure Policy looks: news goes out now, the states show it later."""
        bad = (assignment, resource) in self.wrong
        scan = Scan(instant.of(self.now) + next(self._numbers), bad, self.now + shown_after)
        self.scans.setdefault((assignment, resource), []).append(scan)
        self.news.append(_event(assignment, resource, scan))

    def newest(self, assignment: str, resource: str) -> Scan | None:
        """The newest scan, shown or not."""
        scans = self.scans.get((assignment, resource))
        return scans[-1] if scans else None

    def states(self, assignment: str, scope: str) -> tuple[ObservedState, ...]:
        """What the policy states show at the scope and below it."""
        found = [(each, self._shown(assignment, each.id)) for each in self.resources if covers(scope, each.id)]
        return tuple(_state(resource, scan) for resource, scan in found if scan)

    def noncompliant_since(self, assignment: str, resource: str, since: datetime) -> bool:
        """Whether the states have called it non-compliant at every moment from then to now."""
        scans = [each for each in self.scans.get((assignment, resource), ()) if each.shown <= self.now]
        before = [each for each in scans if each.shown <= since]
        return bool(before) and all(each.noncompliant for each in (before[-1], *(s for s in scans if s.shown > since)))

    def _shown(self, assignment: str, resource: str) -> Scan | None:
        return next((s for s in reversed(self.scans.get((assignment, resource), [])) if s.shown <= self.now), None)

    # Tasks -----------------------------------------------------------------------------------------------------

    def task(self, scope: str, name: str) -> Remediation | None:
        """The newest task of that name at the scope, where Azure shows it already."""
        found = self._named(scope, name)
        return found if found and found.visible <= self.now else None

    def put(self, scope: str, name: str, body: Mapping[str, object]) -> Remediation:
        """Open a task; raises `Refusal` as the service does."""
        there = self._named(scope, name)
        if there and there.ends > self.now:
            raise Refusal("InvalidUpdateRemediationRequest", "it may not be changed or replaced while it is active")
        task = Remediation.of_body(scope, name, body)
        for other in self.tasks:
            if other.ends > self.now and other.assignment == task.assignment and _overlap(other.scope, scope):
                raise Refusal("InvalidCreateRemediationRequest", f"'{other.name}' is already running on that scope")
        self._begin(task)
        return task

    def _named(self, scope: str, name: str) -> Remediation | None:
        return next((t for t in reversed(self.tasks) if (t.scope, t.name) == (scope, name)), None)

    def _begin(self, task: Remediation) -> None:
        wrong = [each.id for each in self.resources if self._to_mend(task, each)]
        task.found = {name: _RESULTS[self.fate(len(_RESULTS))] for name in wrong[: task.count]}
        task.created = instant.of(self.now) + next(self._numbers)
        task.begins, task.ends = self.now, self.now + timedelta(minutes=_DURATIONS[self.fate(len(_DURATIONS))])
        task.visible = self.now + timedelta(seconds=60 * self.fate(2))
        self.tasks.append(task)
        self.agenda.append((task.ends, next(self._numbers), lambda: self._end(task)))

    def _to_mend(self, task: Remediation, resource: Resource) -> bool:
        here = covers(task.scope, resource.id) and task.reaches(resource.persona.location)
        return here and (task.assignment, resource.id) in self.wrong

    def _end(self, task: Remediation) -> None:
        self.wrong -= {(task.assignment, name) for name, result in task.found.items() if result is Result.MENDED}
        if self.fate(2):
            again = self.now + timedelta(minutes=10)
            self.agenda.append((again, next(self._numbers), lambda: self._scan_all(task)))

    def _scan_all(self, task: Remediation) -> None:
        for name in task.found:
            self.scan(task.assignment, name)


def covers(scope: str, resource: str) -> bool:
    """Whether the resource is the scope or lies below it."""
    return resource == scope or resource.startswith(f"{scope}/")


def _overlap(one: str, other: str) -> bool:
    return covers(one, other) or covers(other, one)


def _state(resource: Resource, scan: Scan) -> ObservedState:
    return ObservedState(
        resource=resource_id(resource.id),
        compliance="noncompliant" if scan.noncompliant else "compliant",
        scan=scan.at,
        effect="deployifnotexists",
        location=resource.persona.location,
        tags={"keep": "yes"} if resource.persona.kept else {},
        management_groups=("alz",),
    )


def _event(assignment: str, resource: str, scan: Scan) -> dict[str, object]:
    """The event as Event Grid delivers it."""
    subscription = SUBSCRIPTION.rpartition("/")[2]
    return {
        "id": f"{scan.at}",
        "topic": SUBSCRIPTION,
        "subject": resource,
        "eventType": "Microsoft.PolicyInsights.PolicyStateChanged",
        "eventTime": instant.iso(scan.at),
        "dataVersion": "1",
        "data": {
            "timestamp": instant.iso(scan.at),
            "policyAssignmentId": assignment,
            "policyDefinitionId": DEFINITION,
            "policyDefinitionReferenceId": "",
            "complianceState": "NonCompliant" if scan.noncompliant else "Compliant",
            "subscriptionId": subscription,
            "complianceReasonCode": "",
        },
    }
