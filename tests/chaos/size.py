"""How much chaos: the whole run, and the shorter one that is part of `make test`."""

from dataclasses import dataclass, field
from enum import StrEnum


class Shape(StrEnum):
    """What is special about a resource group; its name says it, and the rules go by the name."""

    WHOLE = "whole"  # gathered by group, and one task may take all of it
    SINGLE = "single"  # gathered by resource
    IGNORED = "ignored"  # one neighbour is ignored by name: no task may be wider than a resource
    PART = "part"  # the boundary's `except` names some of its resources
    TAGGED = "tagged"  # some are ignored by a tag, which no event carries
    FAILING = "failing"  # some deployments fail for good
    IDLE = "idle"  # some deployments succeed and change nothing
    SMALL = "small"  # tasks are too small for the group
    WATCHED = "watched"  # observed only


@dataclass(frozen=True, slots=True)
class Size:
    """`groups`: how many of each shape, and how many resources each has. Times are seconds."""

    events: int
    groups: dict[Shape, tuple[int, int]]
    hosts: int
    sending: float  # how long news keeps coming
    kills: int
    kill_every: float
    patience: float  # for everything to be over, from the start on
    meddling: int  # how many tasks somebody meddles with while they run
    running: int = 8
    per_definition: int = 4
    pause_after: int = 40  # so many tasks were opened
    pause: float = 8.0  # longer than a PUT may take, or nothing could be found
    faults: float = 0.05
    offsets: tuple[float, ...] = field(default=(-2.5, 2.5, 0.0))

    @property
    def resources(self) -> int:
        """How many resources there are in all."""
        return sum(count * each for count, each in self.groups.values())


FULL = Size(
    events=2000,
    groups={
        Shape.WHOLE: (26, 55),
        Shape.SINGLE: (2, 20),
        Shape.IGNORED: (2, 16),
        Shape.PART: (2, 16),
        Shape.TAGGED: (2, 16),
        Shape.FAILING: (2, 40),
        Shape.IDLE: (1, 40),
        Shape.SMALL: (2, 40),
        Shape.WATCHED: (1, 40),
    },
    hosts=3,
    sending=70,
    kills=24,
    kill_every=5,
    patience=600,
    meddling=24,
)
SHORT = Size(
    events=150,
    groups={
        Shape.WHOLE: (1, 60),
        Shape.IGNORED: (1, 5),
        Shape.PART: (1, 5),
        Shape.TAGGED: (1, 5),
        Shape.FAILING: (1, 20),
        Shape.SMALL: (1, 24),
    },
    hosts=2,
    sending=8,
    kills=3,
    kill_every=3,
    patience=150,
    meddling=3,
    running=3,
    per_definition=2,
    pause=6.0,
    pause_after=4,
)
