"""The explorer finds what is wrong, and on the shortest way: on worlds so small that one sees it."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from tests.model.explorer import explore


@dataclass(frozen=True, slots=True)
class Roads:
    """A world is a number; from each of them roads lead to others."""

    roads: dict[int, tuple[int, ...]]
    bad: int = -1
    bad_end: int = -1
    start: int = 0
    rounds: dict[int, int] = field(default_factory=dict)

    def steps(self, world: int) -> Iterator[tuple[str, int]]:
        yield from ((f"to {there}", there) for there in self.roads.get(world, ()))

    def wrong(self, world: int) -> str:
        return "bad" if world == self.bad else ""

    def wrong_at_end(self, world: int) -> str:
        return "a bad end" if world == self.bad_end else ""

    def round(self, world: int) -> int:
        return self.rounds.get(world, 0)

    def shape(self, world: int) -> Hashable:
        return world - 10 * self.round(world)


def test_a_world_that_must_not_be_is_found_on_the_shortest_way() -> None:
    report = explore(Roads({0: (1, 2), 1: (3,), 2: (4,), 3: (4,), 4: (5,)}, bad=4))

    assert (report.wrong, report.trace) == ("bad", ("to 2", "to 4"))


def test_an_end_that_must_not_be_is_found() -> None:
    report = explore(Roads({0: (1, 2), 2: (0,)}, bad_end=1))

    assert (report.wrong, report.trace) == ("a bad end", ("to 1",))


def test_a_circle_without_a_way_out_is_found() -> None:
    report = explore(Roads({0: (1, 2), 1: (), 2: (3,), 3: (2,)}))

    assert (report.wrong, report.trace) == ("no end can be reached from here", ("to 2",))


def test_a_circle_with_a_way_out_is_no_mistake() -> None:
    report = explore(Roads({0: (1,), 1: (0, 2), 2: ()}))

    assert (report.wrong, report.worlds, report.ends) == ("", 3, 1)


def test_a_way_that_comes_back_a_round_later_never_ends() -> None:
    report = explore(Roads({0: (1,), 1: (10,), 10: (11,)}, rounds={10: 1, 11: 1}))

    assert "never ends" in report.wrong
    assert report.trace == ("to 1", "to 10")
