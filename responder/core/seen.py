"""What was seen when a step was taken: the only things that move a case.

Each is a plain value. The adapters' answers are translated into these by `perform`, the pure functions in
`confirm` and `look` build the rest, and `transitions` says which of them is allowed in which state.
"""

from dataclasses import dataclass
from datetime import datetime

from responder.core.case import Hold, Move, Plan
from responder.core.outcome import Outcome
from responder.core.rule_settings import Settings
from responder.core.task import Deployment, Task


@dataclass(frozen=True, slots=True)
class NotDue:
    """News is still coming in, or Azure's own attempt comes first."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that decides could not be read, or Azure's states have not caught up with the news."""

    because: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """Azure refused for now: 429, 5xx, or no answer at all. `until` is what `Retry-After` asked for."""

    because: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class NothingLeft:
    """Nothing is to be done when it was due: withdrawn, or back within the cooldown (ineffective)."""

    outcome: Outcome
    because: str
    rule: str = ""  # the rule that said so, where one did
    more: bool = False  # something of this case waits for another attempt


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Every attempt was made and what is left is still non-compliant; the digest is of the rule that decided it."""

    because: str
    rule: str
    digest: str
    code: str = ""  # Azure's, where its last deployment failed


@dataclass(frozen=True, slots=True)
class Waits:
    """Something must come first: a slot, a window, a retry's wait, a breaker. `until` is when to ask again."""

    hold: Hold
    because: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApprovalNeeded:
    """A person must approve the plan; `digest` is what is asked about, `until` when the question lapses."""

    because: str
    digest: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    """Nobody approved in time."""

    because: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class CalledOff:
    """A person canceled the task before it was opened."""

    because: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """Azure refused for now and for reasons that a person can mend: 401, 403, a 404 of something that was there."""

    because: str
    code: str = ""  # the service's own


@dataclass(frozen=True, slots=True)
class Observed:
    """The plan of a round that only observes."""

    plan: Plan
    settings: Settings
    more: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of a task that is to be opened."""

    plan: Plan
    settings: Settings


@dataclass(frozen=True, slots=True)
class Split:
    """These resources belong to other cases: they are handed over one by one."""

    moves: tuple[Move, ...]
    because: str
    rule: str = ""  # the rule that decided them, where one did


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Every move of the list is done."""


@dataclass(frozen=True, slots=True)
class TaskSeen:
    """The task is there, and this is what it shows."""

    task: Task


@dataclass(frozen=True, slots=True)
class Paused:
    """The pause switch is on, or could not be read."""

    because: str


@dataclass(frozen=True, slots=True)
class TaskInTheWay:
    """Somebody else's task runs for the same policy on an overlapping scope; it is never adopted."""

    because: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Azure refused for good: a 400 that repeating does not change."""

    because: str
    code: str = ""  # the service's own


@dataclass(frozen=True, slots=True)
class PlanTooOld:
    """The plan no longer stands and must be made anew, and Azure has never seen its task."""

    because: str = "The plan waited too long to be opened as it was; it is made anew from what Azure shows now."


@dataclass(frozen=True, slots=True)
class OutOfTime:
    """The rest of the lease is too short to send what cannot be taken back."""


@dataclass(frozen=True, slots=True)
class NotVisibleYet:
    """The task was just created and Azure does not show it yet."""


@dataclass(frozen=True, slots=True)
class TaskEnded:
    """The task ended and its counters have settled. `more`: resources of this case are still to be remediated."""

    task: Task
    outcome: Outcome
    because: str
    more: bool
    deployments: tuple[Deployment, ...] = ()


@dataclass(frozen=True, slots=True)
class NotYetScanned:
    """Azure Policy has not looked at all the resources again since the task ended."""

    because: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """Azure Policy has looked again, or the time for it is over."""

    outcome: Outcome
    because: str
    more: bool


Seen = (
    NotDue
    | Unreadable
    | Throttled
    | NothingLeft
    | GivenUp
    | Waits
    | ApprovalNeeded
    | Expired
    | CalledOff
    | NotAllowed
    | Observed
    | Planned
    | Split
    | HandedOver
    | TaskSeen
    | Paused
    | TaskInTheWay
    | Refused
    | PlanTooOld
    | OutOfTime
    | NotVisibleYet
    | TaskEnded
    | NotYetScanned
    | Verified
)
