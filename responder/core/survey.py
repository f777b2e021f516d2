"""A whole estate under some rules, counted: what would be opened, what stands in the way, what is left alone.

Places are added one after the other and only counted; of single resources a few examples are kept. So the memory a
survey takes grows with the number of rules, assignments and reasons, and not with the estate.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from responder.core.arrangement import Arranged, Fate, Placed, PlannedTask
from responder.core.rights import MissingRole

EXAMPLES = 3
SURPRISES = 100
LARGEST = 20


@dataclass(slots=True)
class Opening:
    """What one rule, or one assignment, would open."""

    tasks: int = 0
    resources: int = 0
    scopes: int = 0
    asking: int = 0  # of the resources, those whose task asks for approval

    def add(self, task: PlannedTask) -> None:
        """Count one task."""
        self.tasks += task.rounds
        self.resources += task.resources
        self.scopes += 1
        self.asking += task.resources if task.asks else 0


@dataclass(slots=True)
class Share:
    """Resources of one kind: how many, why (of the first), and a few of them."""

    resources: int = 0
    because: str = ""
    examples: list[str] = field(default_factory=list)

    def add(self, placed: Placed, because: str) -> None:
        """Count one resource."""
        self.resources += 1
        self.because = self.because or because
        if len(self.examples) < EXAMPLES:
            self.examples.append(placed.judged.state.resource.text)


@dataclass(slots=True)
class OfAssignment:
    """What becomes of the resources of one assignment."""

    opening: Opening = field(default_factory=Opening)
    fates: Counter[Fate] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Surprise:
    """One resource that its neighbours (same policy, same group) differ from."""

    resource: str
    assignment: str
    reference: str
    fate: Fate
    rule: str
    because: str
    neighbours: int
    their_fate: Fate
    their_rule: str


@dataclass(slots=True)
class Survey:
    """The counts. Add every place once."""

    states: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    opening: Opening = field(default_factory=Opening)
    by_rule: dict[str, Opening] = field(default_factory=dict)
    by_assignment: dict[str, OfAssignment] = field(default_factory=dict)
    in_the_way: dict[tuple[str, str], Share] = field(default_factory=dict)  # reason, assignment
    missing: Counter[tuple[str, MissingRole]] = field(default_factory=Counter)  # assignment, role
    observed: dict[str, Share] = field(default_factory=dict)  # rule
    left_alone: dict[tuple[str, str], Share] = field(default_factory=dict)  # reason, rule
    largest: list[PlannedTask] = field(default_factory=list)
    surprises: list[Surprise] = field(default_factory=list)
    surprising: int = 0

    def add(self, place: Arranged) -> None:
        """Count one place."""
        for each in place.placed:
            self._add_resource(each)
        if place.placed:
            assignment = self.by_assignment[place.placed[0].judged.state.policy.assignment.text]
            for task in place.tasks:
                self._add_task(task, assignment)
            self._add_surprises(place.placed)

    def _add_resource(self, placed: Placed) -> None:
        state, rule = placed.judged.state, placed.judged.decision.rule
        assignment = state.policy.assignment.text
        self.states += 1
        self.fates[placed.fate] += 1
        self.by_assignment.setdefault(assignment, OfAssignment()).fates[placed.fate] += 1
        self.missing.update((assignment, role) for role in placed.judged.missing)
        match placed.fate:
            case Fate.IN_THE_WAY:
                self.in_the_way.setdefault((placed.reason, assignment), Share()).add(placed, obstacle(placed))
            case Fate.OBSERVED:
                self.observed.setdefault(rule, Share()).add(placed, placed.because)
            case Fate.LEFT_ALONE:
                self.left_alone.setdefault((placed.reason, rule), Share()).add(placed, placed.because)

    def _add_task(self, task: PlannedTask, assignment: OfAssignment) -> None:
        for opening in (self.opening, self.by_rule.setdefault(task.rule, Opening()), assignment.opening):
            opening.add(task)
        self.largest.append(task)
        if len(self.largest) >= 2 * LARGEST:
            self.largest = largest(self.largest)

    def _add_surprises(self, placed: tuple[Placed, ...]) -> None:
        for surprise in _differing(placed):
            self.surprising += 1
            if len(self.surprises) < SURPRISES:
                self.surprises.append(surprise)


def largest(tasks: Iterable[PlannedTask]) -> list[PlannedTask]:
    """The tasks that reach furthest, largest first."""
    return sorted(tasks, key=lambda task: (-task.resources, task.scope))[:LARGEST]


def obstacle(placed: Placed) -> str:
    """What stands in the way, in the check's own words where a check said it."""
    checks = placed.judged.decision.checks
    failed = (check.because for check in checks if check.check == placed.reason and check.holds is False)
    unread = (check.because for check in checks if check.holds is None)
    if placed.reason == "facts-unreadable":
        return next(unread, placed.because)
    return next(failed, placed.because)


def _differing(placed: tuple[Placed, ...]) -> list[Surprise]:
    """Those of one group that have another fate than most. Where none is the commonest, the first by name is."""
    fates = Counter(each.fate for each in placed)
    if len(fates) < 2:
        return []
    usual = min(fates, key=lambda fate: (-fates[fate], fate))
    example = next(each for each in placed if each.fate is usual)
    return [_surprise(each, example, fates[usual]) for each in placed if each.fate is not usual]


def _surprise(placed: Placed, neighbour: Placed, neighbours: int) -> Surprise:
    state = placed.judged.state
    return Surprise(
        resource=state.resource.text,
        assignment=state.policy.assignment.text,
        reference=state.policy.reference,
        fate=placed.fate,
        rule=placed.judged.decision.rule,
        because=placed.because,
        neighbours=neighbours,
        their_fate=neighbour.fate,
        their_rule=neighbour.judged.decision.rule,
    )
