"""What is wrong with a rules file, said all at once: where, what, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `path` is such as `rules[2].match.colour`, "" for the file as a whole; lines count from 1."""

    path: str
    message: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.path}: {self.message}" if self.path else f"{where}{self.message}"


class BadRules(ValueError):
    """A rules file that cannot be used, with every problem that was found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def path_of(steps: tuple[str | int, ...]) -> str:
    """The steps to a value as people write them: `rules[2].match.colour`."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
