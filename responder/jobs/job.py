"""One job of the sweep, as the sweep knows it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from responder.core.progress import Progress
from responder.wiring import Parts


def _tells_nothing(_progress: Progress, _parts: Parts) -> None:
    """Most jobs have no numbers."""


@dataclass(frozen=True, slots=True)
class Job:
    """Its name in logs and in the ledger, when it is time, and what it does: from the progress before to that after.

    `tell` gives out its numbers at each tick, whether it runs or not.
    """

    name: str
    is_time: Callable[[Progress, Parts, datetime], bool]
    run: Callable[[Parts, Progress, datetime], Awaitable[Progress]]
    tell: Callable[[Progress, Parts], None] = _tells_nothing
