"""One thing that must hold before a task may be opened."""

from dataclasses import dataclass

from responder.core.legible import legible


@dataclass(frozen=True, slots=True)
class Check:
    """One check: whether it holds (`None`: not known), and why."""

    check: str
    holds: bool | None
    because: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "because", legible(self.because))
