"""What must hold whatever happens: checked at every PUT, and once everything has come to rest.

Each promise is checked against the model of Azure and against the plain table of personas, not against the code that
makes the decisions.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from responder.core import instant
from responder.core.case import Case, Kind, Plan, State, Stop
from responder.core.outcome import Outcome
from responder.core.rule_settings import Bounds
from responder.core.span import Attribute, Span
from responder.core.telemetry_names import Attr, SpanName
from tests.scenarios.personas import Resource
from tests.scenarios.remediation import Remediation, Result
from tests.scenarios.world import World, covers

COOLDOWN = timedelta(hours=1)
ATTEMPTS = 3
RETRY_WAIT = timedelta(minutes=15)
BOUNDS = Bounds(running=2, resources_per_hour=8)


@dataclass(frozen=True, slots=True)
class Opened:
    """A task that Azure accepted, and the plan it was opened for."""

    task: Remediation
    case: str
    round: int
    plan: Plan

    def tried(self, resource: str) -> bool:
        """Whether it was for this resource, and had not used its count up before it came to it."""
        touched = set(self.task.found)
        planned = set(self.plan.resources)
        short = len(touched) == self.task.count < len(planned | touched) and bool(touched & planned)
        return resource in planned and (resource in touched or not short)

    def failed(self, resource: str) -> bool:
        """Whether its deployment for this resource failed."""
        return self.task.found.get(resource) is Result.FAILED


@dataclass
class Promises:
    """Keeps what was asked of Azure and what was told, and compares."""

    world: World
    cases: Callable[[], Awaitable[list[Case]]]
    opened: list[Opened] = field(default_factory=list)
    bodies: dict[str, tuple[str, Mapping[str, object]]] = field(default_factory=dict)
    names: dict[tuple[str, int], str] = field(default_factory=dict)
    roots: dict[str, Mapping[str, Attribute]] = field(default_factory=dict)
    hurried: list[datetime] = field(default_factory=list)  # when a person ended the wait for another attempt

    def asked(
        self, scope: str, name: str, body: Mapping[str, object], task: Remediation | None, cases: Sequence[Case]
    ) -> None:
        """Azure got a PUT; `task` is what came of it, `None` where it was refused; `cases` as they stood then.

        Nothing is awaited in here: a worker that dies right after its PUT must not take our knowledge of it along.
        """
        case, plan = _planning(name, cases)
        assert (plan.scope, plan.body) == (scope, body), f"{name} is not opened as it was written down"
        assert self.bodies.setdefault(name, (scope, body)) == (scope, body), f"{name} was sent with two bodies"
        assert self.names.setdefault((case.id, case.round), name) == name, f"{case.id} has two names in one round"
        if task is not None:
            opened = Opened(task, case.id, case.round, plan)
            self._alone(opened)
            self._allowed(opened)
            self._rested(opened)
            self._bounded(opened)
            self._let_in(opened, case)
            self.opened.append(opened)

    def told(self, spans: Sequence[Span]) -> None:
        """The app told spans; a repeat of a task's round must say the same.

        A round that only observes keeps no plan: where news comes in meanwhile it is observed again, and told anew.
        """
        for span in spans:
            if span.name == SpanName.ROUND and span.attributes[Attr.OUTCOME] != Outcome.OBSERVED:
                first = self.roots.setdefault(span.span_id, span.attributes)
                assert first == span.attributes, f"the trace of one round is told in two ways: {first}"

    def _alone(self, opened: Opened) -> None:
        for other in self.opened:
            assert other.task.name != opened.task.name, f"{opened.task.name} was opened twice"
            runs = other.task.ends > self.world.now
            assert not (runs and other.case == opened.case), f"two tasks run for case {opened.case}"

    def _allowed(self, opened: Opened) -> None:
        """Everything that was out of compliance since the plan was made is remediated by the plan's own rule."""
        task, since = opened.task, opened.plan.made_at
        for each in self.world.resources:
            if covers(task.scope, each.id) and task.reaches(each.persona.location):
                wrong = self.world.noncompliant_since(task.assignment, each.id, since)
                rule = each.persona.rule
                assert not wrong or rule == opened.plan.rule, f"{each.id} lies in the scope of {task.name}: {rule!r}"

    def _rested(self, opened: Opened) -> None:
        for name in opened.plan.resources:
            before = self._tries(opened.task.assignment, name)
            counted = self._counted(opened.task.assignment, name)
            assert len(counted) < ATTEMPTS, f"{name} is tried a fourth time without a compliant scan in between"
            for other in before:
                wait = self._wait(other) if other.failed(name) else COOLDOWN
                assert self.world.now >= other.task.ends + wait, f"{name} is touched again too soon"

    def _wait(self, tried: Opened) -> timedelta:
        """How long what it failed waits at least; a person may end that, but no cooldown."""
        return timedelta(0) if any(at >= tried.task.ends for at in self.hurried) else RETRY_WAIT

    def _let_in(self, opened: Opened, case: Case) -> None:
        """What asks a person first was approved as it is; what has a window is opened within it."""
        if opened.plan.rule == "asked":
            assert case.approval is not None, f"{opened.task.name} was not approved"
            assert case.approval.digest == opened.plan.approval, f"{opened.task.name} is not what was approved"
        if opened.plan.rule == "in the afternoon":  # checked before the PUT, which takes no longer than a lease
            assert self.world.now.replace(hour=14, minute=0) <= self.world.now, "opened before its window"
            assert self.world.now <= self.world.now.replace(hour=15, minute=1), "opened after its window"

    def _tries(self, assignment: str, resource: str) -> list[Opened]:
        """The tasks that tried it."""
        return [one for one in self.opened if one.task.assignment == assignment and one.tried(resource)]

    def _counted(self, assignment: str, resource: str) -> list[Opened]:
        """Those since Azure last called it compliant after one had begun."""
        good = [scan.at for scan in self.world.scans.get((assignment, resource), ()) if not scan.noncompliant]
        tries = self._tries(assignment, resource)
        return [one for one in tries if not any(at > one.task.created for at in good)]

    def _bounded(self, opened: Opened) -> None:
        now = self.world.now
        running = [one for one in self.opened if one.task.ends > now]
        hour = [one.task.count for one in self.opened if one.task.begins > now - timedelta(hours=1)]
        assert len(running) < BOUNDS.running, f"{len(running) + 1} tasks run at the same time"
        assert sum(hour) + opened.task.count <= BOUNDS.resources_per_hour, "too many resources within an hour"

    async def hold_at_the_end(self) -> None:
        """Nothing is left to be done, nothing was lost, and every round was told once."""
        for case in await self.cases():
            given_up = case.reason == Stop.GIVEN_UP and case.key.kind is not Kind.GROUP
            assert case.state is State.CLOSED or given_up, f"case {case.id} ends {case.state}: {case.because}"
        for assignment in self.world.assignments:
            for each in self.world.resources:
                seen = [case for case in await self.cases() if case.key.assignment == assignment]
                self._not_lost(assignment, each, [case for case in seen if case.key.place == each.id])
        self._told_once()

    def _not_lost(self, assignment: str, resource: Resource, cases: Sequence[Case]) -> None:
        """What is non-compliant by the newest news was mended after that, or a person sees that nothing more comes.

        Azure sends no news while it stays so: a case that closes without a word leaves it alone for good. How many
        attempts went before is the app's to say: a compliant word that came too late to be heard ended no struggle.
        """
        newest = self.world.newest(assignment, resource.id)
        if not (newest and newest.noncompliant and resource.persona.rule):
            return
        if any(case.outcome is Outcome.EXPIRED for case in cases):
            return
        tries = self._tries(assignment, resource.id)
        assert tries, f"{resource.id}, scanned {instant.iso(newest.at)}, was lost"
        last = tries[-1]
        met = instant.of(last.task.ends) if resource.id in last.task.found else last.task.created
        mended = newest.at <= met and not last.failed(resource.id)
        given_up = len(tries) >= ATTEMPTS and any(case.reason == Stop.GIVEN_UP for case in cases)
        assert mended or given_up, f"{resource.id} is left alone after {len(tries)} attempts"

    def _told_once(self) -> None:
        told = [(str(a[Attr.CASE]), a[Attr.ROUND]) for a in self.roots.values()]
        ran = [(one.case, one.round) for one in self.opened]
        assert sorted(told) == sorted(ran), f"rounds with a task {sorted(ran)}, rounds told {sorted(told)}"


def _planning(name: str, cases: Sequence[Case]) -> tuple[Case, Plan]:
    for case in cases:
        if case.plan and case.plan.name == name:
            assert case.state is State.OPENING, f"{name} is opened while its case is {case.state}"
            return case, case.plan
    raise AssertionError(f"{name} is opened and no case has written it down")
