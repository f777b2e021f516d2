"""Goes through everything that a model can do, breadth first, so that what it finds is found on the shortest way.

A world is a hashable value, and a model says which worlds follow from it in one atomic step. Four things are
wrong: a world that says so itself, an end (nothing follows) that says so, a world from which no end can be
reached any more, and a way that comes back to where it was with nothing but its counters grown.
"""

import gc
from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

World = TypeVar("World", bound=Hashable)


class Model(Protocol[World]):
    """What the explorer asks of a model. The three judgements answer "" where all is well."""

    @property
    def start(self) -> World:
        """Where it begins."""

    def steps(self, world: World) -> Iterator[tuple[str, World]]:
        """What can happen next, each in words and with the world after it."""

    def wrong(self, world: World) -> str:
        """What must never be, wherever one is."""

    def wrong_at_end(self, world: World) -> str:
        """What must not be once nothing follows any more."""

    def round(self, world: World) -> int:
        """A counter that only grows. A way along which it grows and `shape` comes back has no end."""

    def shape(self, world: World) -> Hashable:
        """The world without its counters: all that decides what can happen next."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was gone through, and the first thing that was wrong ("" where nothing was) with the way to it."""

    worlds: int
    steps: int
    ends: int
    wrong: str = ""
    trace: tuple[str, ...] = ()


class TooMany(Exception):
    """There are more worlds than were allowed."""


def explore(model: Model[World], most: int = 5_000_000) -> Report:
    """All that can happen; stops at the first thing that is wrong."""
    gc.disable()  # millions of tuples that live to the end, and not one cycle among them
    try:
        return _explored(model, most)
    finally:
        gc.enable()


def _explored(model: Model[World], most: int) -> Report:
    known: dict[World, int] = {model.start: 0}
    parents: list[tuple[int, str]] = [(-1, "")]
    worlds: list[World] = [model.start]
    before: list[list[int]] = [[]]
    waiting, steps = deque([0]), 0
    ends: list[int] = []

    def report(wrong: str = "", at: int = 0) -> Report:
        return Report(len(worlds), steps, len(ends), wrong, tuple(_way(parents, at)))

    while waiting:
        here = waiting.popleft()
        followed = False
        for words, world in model.steps(worlds[here]):
            followed, steps = True, steps + 1
            there = known.setdefault(world, len(worlds))
            if there == len(worlds):
                worlds.append(world)
                parents.append((here, words))
                before.append([])
                waiting.append(there)
                if wrong := model.wrong(world) or _endless(model, worlds, parents, there):
                    return report(wrong, there)
            before[there].append(here)
        if not followed:
            ends.append(here)
            if wrong := model.wrong_at_end(worlds[here]):
                return report(wrong, here)
        if len(worlds) > most:
            raise TooMany(f"more than {most:,} worlds")
    stuck = _first_stuck(before, ends)
    return report("no end can be reached from here", stuck) if stuck is not None else report()


def _way(parents: list[tuple[int, str]], at: int) -> list[str]:
    way = []
    while at > 0:
        at, words = parents[at]
        way.append(words)
    return way[::-1]


def _endless(model: Model[World], worlds: list[World], parents: list[tuple[int, str]], at: int) -> str:
    """Whether a new round begins just as an earlier one on the same way did."""
    now, above = worlds[at], parents[at][0]
    if model.round(now) == model.round(worlds[above]):
        return ""
    shape = model.shape(now)
    while above >= 0:
        if model.shape(worlds[above]) == shape and model.round(worlds[above]) < model.round(now):
            return f"all is as it was after step {len(_way(parents, above))}, a round later: this never ends"
        above = parents[above][0]
    return ""


def _first_stuck(before: list[list[int]], ends: list[int]) -> int | None:
    """The first world from which no end can be reached."""
    good, waiting = set(ends), list(ends)
    while waiting:
        for above in before[waiting.pop()]:
            if above not in good:
                good.add(above)
                waiting.append(above)
    return next((world for world in range(len(before)) if world not in good), None)
