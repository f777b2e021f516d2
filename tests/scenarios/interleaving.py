"""One step at a time: coroutines that stop before everything they do to the world, and go on when told.

Production code is driven as it is. Every stand-in for storage or Azure awaits a `turn` before its one atomic
effect, so that whoever holds the processes decides in which order the effects come, which of them go wrong, and
where a process dies. No event loop is needed: nothing else ever waits.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator
from enum import StrEnum
from types import coroutine


class Mood(StrEnum):
    """How the next effect goes."""

    WELL = "well"
    REFUSED = "refused"  # nothing happens, and the caller is told so
    UNHEARD = "unheard"  # it happens, and the caller gets no answer


Turn = Callable[[str], Awaitable[Mood]]


@coroutine
def turn(what: str) -> Generator[str, Mood, Mood]:
    """Stop before an effect, saying what it is; answers how it goes."""
    return (yield what)


class Process:
    """One invocation of a handler, stopped before its next effect."""

    def __init__(self, name: str, work: Coroutine[str, Mood | None, None]) -> None:
        self.name = name
        self.before = "its first step"
        self.done = False
        self._work = work
        self._began = False

    def step(self, mood: Mood = Mood.WELL) -> None:
        """Take the next effect and go on to the one after; whatever the handler raises is raised here."""
        try:
            self.before = self._work.send(mood if self._began else None)
        except StopIteration:
            self.done = True
        self._began = True

    def run(self) -> None:
        """Go on to the end."""
        while not self.done:
            self.step()

    def die(self) -> None:
        """The process is gone where it stands; what it wrote stays."""
        self._work.close()
        self.done = True
