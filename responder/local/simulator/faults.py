"""What can be made to go wrong: answers that are refused, late, held back, or never given.

A fault is met by the requests it names, some number of times. It spoils a request before it takes effect, or after:
the second is the one that shows whether a client counts on an answer it never got.
"""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from responder.local.simulator.documents import Duration, Json
from responder.local.simulator.wire import ArmAnswer, ArmRequest


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return text


class Fault(BaseModel):
    """One fault as it was asked for.

    `path`: a regular expression, searched in the decoded path without case. `times`: how many requests it spoils,
    null for all; `after`: how many it lets pass first; `share`: which part of those it meets then, drawn by `seed`.
    `reset` closes the connection; `hold` waits until the faults are cleared or the client has gone; without `status`
    the request is then answered as if nothing had been.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str | None = None
    path: Annotated[str, AfterValidator(_expression)] = ""
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    code: str = "SimulatedFault"
    message: str = "The simulator was told to answer so."
    headers: dict[str, str] = Field(default_factory=dict)
    times: Annotated[int, Field(ge=1)] | None = 1
    after: Annotated[int, Field(ge=0)] = 0
    share: Annotated[float, Field(gt=0, le=1)] = 1
    seed: int = 0
    delay: Duration = timedelta(0)
    when: Literal["before", "after"] = "before"
    reset: bool = False
    hold: bool = False

    def answer(self) -> ArmAnswer | None:
        """What the client gets instead of the truth, if anything."""
        if self.status is None:
            return None
        body: Json = {"error": {"code": self.code, "message": self.message}}
        return ArmAnswer(self.status, body, self.headers)


@dataclass(slots=True)
class _Armed:
    fault: Fault
    met: int = 0
    fired: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.fault.seed)

    def meets(self, request: ArmRequest) -> bool:
        wanted = self.fault.method
        return (wanted is None or wanted.upper() == request.method) and bool(
            re.search(self.fault.path, request.path, re.IGNORECASE)
        )

    def fires(self) -> bool:
        self.met += 1
        if self.met <= self.fault.after or (self.fault.times is not None and self.fired >= self.fault.times):
            return False
        if self.fault.share < 1 and self.chance.random() >= self.fault.share:
            return False
        self.fired += 1
        return True


@dataclass(frozen=True, slots=True)
class Firing:
    """A fault that has met a request."""

    fault: Fault
    released: asyncio.Event


class Faults:
    """The faults in force, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def add(self, faults: list[Fault]) -> None:
        """Put faults in force beside those that are."""
        self._armed += [_Armed(fault) for fault in faults]

    def meeting(self, request: ArmRequest) -> Firing | None:
        """The first fault that spoils this request; it has fired then."""
        for armed in self._armed:
            if armed.meets(request) and armed.fires():
                return Firing(armed.fault, armed.released)
        return None

    def clear(self) -> None:
        """End all faults and let go of the answers that are held."""
        for armed in self._armed:
            armed.released.set()
        self._armed.clear()

    def body(self) -> list[Json]:
        """As the control endpoint shows them."""
        return [{**armed.fault.model_dump(mode="json"), "fired": armed.fired} for armed in self._armed]
