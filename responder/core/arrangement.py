"""What would become of the non-compliant resources of one policy in one place: tasks, and what gets none.

This is what confirm would find had each of them been announced: one task for a whole resource group only if every
non-compliant resource of the policy there is decided alike by the same rule, else one for each resource; and none at a
scope below which another one lies that has a case of its own. A test holds the two together.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from responder.core.decision import Answer
from responder.core.resource_id import Level
from responder.core.rule_settings import Settings
from responder.core.surveyed import Judged

OUTSIDE_LOCATIONS = "outside-task-locations"
TOO_WIDE = "too-wide"
_WANTED = (Answer.REMEDIATE, Answer.ASK)
_WANTING = ("remediate", "ask")


class Fate(StrEnum):
    """What becomes of one resource."""

    OPENED = "opened"  # a task would be opened for it
    OBSERVED = "observed"  # its rule only observes
    IN_THE_WAY = "in-the-way"  # a rule wants it, or may want it, and something must be mended first
    LEFT_ALONE = "left-alone"


@dataclass(frozen=True, slots=True)
class Placed:
    """One resource and what becomes of it."""

    judged: Judged
    fate: Fate
    reason: str  # one word, as a decision has
    because: str
    scope: str | None = None  # of the task that would be opened for it


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """One task that would be opened, again and again until all of its resources have had their turn."""

    scope: str
    rule: str
    resources: int
    rounds: int  # tasks in all: a task takes at most `resourceCount`
    asks: bool = False  # somebody is asked first


@dataclass(frozen=True, slots=True)
class Arranged:
    """One place: each resource of it in the order given, and the tasks."""

    placed: tuple[Placed, ...]
    tasks: tuple[PlannedTask, ...]


def arrange(members: Sequence[Judged], elsewhere: Collection[str | None] = (), divided: bool = False) -> Arranged:
    """Arrange all non-compliant states of one policy in one resource group, or at one subscription outside any group.

    `elsewhere`: where the policy's other non-compliant resources in the subscription are; they lie below a task at
    the subscription itself. `divided`: the boundary takes out parts of the place, so that no task may go to all of it.
    """
    together = None if divided else _together(members)
    below = _below(members)
    placed = tuple(_placed(each, together, below, elsewhere) for each in members)
    return Arranged(placed, tuple(_tasks(placed)))


def _reaches(settings: Settings, judged: Judged) -> bool:
    return settings.task.reach(judged.state.observed.location)


def _together(members: Sequence[Judged]) -> str | None:
    """The resource group, where one task there does for all that is wanted; None where each needs its own."""
    gathered = [each for each in members if _gathers(each)]
    if len(gathered) < 2:
        return None
    first = gathered[0].decision
    for each in members:
        if each.decision.answer is Answer.UNKNOWN and each.decision.settings.gather_by == "resourceGroup":
            return None
        concerned = _gathers(each) or _reaches(first.settings, each)
        alike = (each.decision.answer, each.decision.rule) == (first.answer, first.rule)
        if concerned and not (alike and each.state.resource.level is Level.RESOURCE):
            return None
    return gathered[0].state.resource.group.text


def _gathers(judged: Judged) -> bool:
    resource, settings = judged.state.resource, judged.decision.settings
    lies_in_one = resource.level is Level.RESOURCE and resource.resource_group is not None
    wanted = judged.decision.answer in _WANTED and _reaches(settings, judged)
    return wanted and lies_in_one and settings.gather_by == "resourceGroup"


def _below(members: Sequence[Judged]) -> dict[str, list[Judged]]:
    """By id, the members that lie below it: a server's databases, a group's resources."""
    found: dict[str, list[Judged]] = {each.state.resource.text: [] for each in members}
    for each in members:
        segments = ("/" + part for part in each.state.resource.segments[:-1])
        for above in accumulate(segments):
            if above in found:
                found[above].append(each)
    return found


def _placed(
    judged: Judged, together: str | None, below: dict[str, list[Judged]], elsewhere: Collection[str | None]
) -> Placed:
    decision = judged.decision
    if decision.answer not in _WANTED:
        return Placed(judged, _fate(judged), decision.reason, decision.because)
    if not _reaches(decision.settings, judged):
        where = f"it lies in {judged.state.observed.location}, outside the rule's task.locations"
        because = f"Rule {decision.rule!r} wants {judged.state.resource}, but {where}."
        return Placed(judged, Fate.IN_THE_WAY, OUTSIDE_LOCATIONS, because)
    if together and _gathers(judged):
        return Placed(judged, Fate.OPENED, decision.reason, decision.because, together)
    if reached := _reached(judged, below.get(judged.state.resource.text, []), elsewhere):
        because = f"A task at {judged.state.resource} would reach {reached}, which has a case of its own."
        return Placed(judged, Fate.IN_THE_WAY, TOO_WIDE, because)
    return Placed(judged, Fate.OPENED, decision.reason, decision.because, judged.state.resource.text)


def _fate(judged: Judged) -> Fate:
    decision = judged.decision
    match decision.answer:
        case Answer.OBSERVE:
            return Fate.OBSERVED
        case Answer.UNKNOWN:
            return Fate.IN_THE_WAY
        case Answer.BLOCKED if decision.rule and decision.action in _WANTING:
            return Fate.IN_THE_WAY
        case _:
            return Fate.LEFT_ALONE


def _reached(judged: Judged, below: Sequence[Judged], elsewhere: Collection[str | None]) -> str:
    """What else a task at the resource's own scope would reach; "" where nothing."""
    settings = judged.decision.settings
    for other in below:
        if _reaches(settings, other):
            return other.state.resource.text
    wide = judged.state.resource.level is Level.SUBSCRIPTION
    if wide and any(settings.task.reach(location) for location in elsewhere):
        return "other non-compliant resources of the subscription"
    return ""


def _tasks(placed: Sequence[Placed]) -> Iterator[PlannedTask]:
    """One for each scope. All resources of a scope have the same rule."""
    at: dict[str, list[Placed]] = {}
    for each in placed:
        if each.scope is not None:
            at.setdefault(each.scope, []).append(each)
    for scope, members in at.items():
        decision = members[0].judged.decision
        most = decision.settings.task.resource_count
        yield PlannedTask(scope, decision.rule, len(members), -(-len(members) // most), decision.answer is Answer.ASK)
