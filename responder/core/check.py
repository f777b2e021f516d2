"""One thing that must hold before a task may be opened."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One check: whether it holds (`None`: not known), and why."""

    check: str
    holds: bool | None
    because: str
