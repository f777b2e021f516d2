"""Where schedules come from: worlds and moves for Hypothesis to choose, and how long it looks.

In continuous integration the search is the same every time and short; `HYPOTHESIS_PROFILE=long` makes it random
and twenty times as long.
"""

import os
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.scenarios.personas import GROUPS, PERSONAS, Persona, Resource
from tests.scenarios.schedule import Move
from tests.scenarios.world import ASSIGNMENTS, World

Schedules = st.SearchStrategy[list[Move]]
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
_FACTOR = 20 if LONG else 1
_USUAL = {
    "step": 7,
    "message": 5,
    "event": 4,
    "scan": 2,
    "wait": 2,
    "crash": 1,
    "trouble": 1,
    "sweep": 1,
    "lose": 1,
    "pause": 1,
    "person": 1,
}


def searching(examples: int, *, shrink: bool = True) -> settings:
    """How long to look; a search that is expected to find something need not make it small."""
    phases = settings.get_profile("default").phases
    return settings(
        max_examples=examples * _FACTOR,
        deadline=None,
        derandomize=not LONG,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=phases if shrink else [phase for phase in phases if phase.name == "generate"],
    )


SEARCH = searching(500)


def a_schedule() -> Schedules:
    """A list of moves, the usual ones more often: a few, some or many."""
    weighted = [kind for kind, weight in _USUAL.items() for _ in range(weight)]
    moves = st.builds(Move, st.sampled_from(weighted), st.integers(0, 7), st.integers(0, 3))
    return st.one_of(*(st.lists(moves, min_size=size, max_size=size + 30) for size in (0, 20, 50)))


def a_schedule_of(*moves: Move) -> Schedules:
    """Some of these moves, in any order."""
    return st.lists(st.sampled_from(moves), min_size=4, max_size=12)


@dataclass(frozen=True, slots=True)
class Estate:
    """How the world begins: who is there, how many assignments, what is wrong, what chance will decide."""

    who: tuple[tuple[Persona, int], ...]
    wrong: tuple[tuple[int, int], ...] = ()  # numbers of an assignment and of a resource
    assignments: int = 1
    fates: tuple[int, ...] = ()

    def __repr__(self) -> str:
        who = ", ".join(f"({persona.name}, {group})" for persona, group in self.who)
        return f"Estate(({who}), wrong={self.wrong}, assignments={self.assignments}, fates={self.fates})"

    def world(self) -> World:
        """The world as it begins: what is wrong was scanned, and the news is out."""
        resources = [Resource(persona, number, GROUPS[group]) for number, (persona, group) in enumerate(self.who)]
        world = World(resources, ASSIGNMENTS[: self.assignments], self.fates)
        for number, assignment in enumerate(world.assignments):
            for each in resources:
                if (number, each.number) in self.wrong:
                    world.drift(assignment, each.id, noncompliant=True)
                    world.scan(assignment, each.id)
        return world


@st.composite
def an_estate(draw: st.DrawFn) -> Estate:
    """Up to five resources in up to two groups under up to two assignments; mostly one of each."""
    group = st.sampled_from((0, 0, 0, 1))
    who = draw(st.lists(st.tuples(st.sampled_from(PERSONAS), group), min_size=1, max_size=5))
    assignments = draw(st.sampled_from((1, 1, 1, 2)))
    everything = [(number, each) for number in range(assignments) for each in range(len(who))]
    fine = draw(st.sets(st.sampled_from(everything), max_size=3))
    wrong = tuple(each for each in everything if each not in fine)
    return Estate(tuple(who), wrong, assignments, tuple(draw(st.lists(st.integers(0, 3), max_size=10))))
