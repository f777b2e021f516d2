"""What is wrong with a rules file, said all at once: where, what, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `path` is such as `rules[2].match.colour`, "" for the file as a whole; lines count from 1.

    Both texts repeat what stands in the file; they are made safe for a terminal, and kept to one line of some length.
    """

    path: str
    message: str
    line: int = 0
    column: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", _shown(self.path, 200))
        object.__setattr__(self, "message", _shown(self.message, 1000))

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.path}: {self.message}" if self.path else f"{where}{self.message}"


class BadRules(ValueError):
    """A rules file that cannot be used, with every problem that was found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def _shown(text: str, longest: int) -> str:
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:longest])
    return f"{shown}…" if len(text) > longest else shown


def path_of(steps: tuple[str | int, ...]) -> str:
    """The steps to a value as people write them: `rules[2].match.colour`."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
