"""What the demo tells, and how each part of it must end.

The demo checks itself against this table: where the app does something else, it says what and fails.
"""

from dataclasses import dataclass
from pathlib import Path

from responder.core.case import Stop
from responder.core.outcome import Outcome
from responder.local.demo.policies import PROJECT

EVENTS = PROJECT / "tests" / "events"


@dataclass(frozen=True, slots=True)
class Episode:
    """One delivery: the event file's number, what it shows, and what the door must answer."""

    number: str
    shows: str
    decision: str
    reason: str
    or_else: tuple[str, str] | None = None  # where the sweep has read the policy already

    @property
    def file(self) -> Path:
        """The event file, by its number."""
        return next(EVENTS.glob(f"{self.number}-*.json"))


@dataclass(frozen=True, slots=True)
class Ending:
    """How the case at a place must end, and whether a task is to be opened there."""

    place: str  # the last part of its id, folded
    outcome: Outcome | None
    shows: str
    task: bool = False
    rounds: int = 1
    stopped: str = ""  # why, where it is
    certain: bool = True  # False: the door may have answered instead


_NOT_YET = ("unknown", "facts-unreadable")
_KNOWN = ("blocked", "effect-not-remediable")
BEFORE = (
    Episode("01", "a server alone", "remediate", "rule"),
    Episode("01", "the same, delivered twice", "remediate", "rule"),
    Episode("02", "three apps of one group", *_NOT_YET),
    Episode("03", "three apps of one group", *_NOT_YET),
    Episode("04", "three apps of one group", *_NOT_YET),
    Episode("05", "a management group's topic", *_NOT_YET),
    Episode("06", "a CloudEvent", *_NOT_YET),
    Episode("07", "beside a forbidden app", *_NOT_YET),
    Episode("08", "beside a forbidden app", *_NOT_YET),
    Episode("09", "the forbidden app itself", *_NOT_YET),
    Episode("10", "a policy of an initiative", "remediate", "rule"),
    Episode("11", "a policy that only audits", "remediate", "rule", _KNOWN),
    Episode("12", "a sandbox", "ignore", "rule"),
    Episode("13", "a machine", "remediate", "rule"),
    Episode("14", "the machine, put right", "withdrawn", "compliant"),
    Episode("15", "a resource group itself", "observe", "rule"),
    Episode("16", "not of Azure Policy", "rejected", "unknown-type"),
    Episode("17", "an id with '..' in it", "rejected", "bad-resource-id"),
    Episode("18", "a resource that is gone", "withdrawn", "deleted"),
)
"""Delivered one after the other, as fast as they are acknowledged."""

AFTERWARDS = (
    Episode("19", "its policy is known by now", *_KNOWN),
    Episode("01", "delivered again, much later", "stale", "older-news"),
)
"""Delivered when every case is over."""

ENDINGS = (
    Ending("sql-finance-prod", Outcome.VERIFIED, "one resource alone", task=True),
    Ending("rg-shop", Outcome.WITHDRAWN, "three resources, one task, one failure", task=True, rounds=3),
    Ending("app-shop-admin", None, "which is tried again alone, and then given up", task=True, stopped=Stop.GIVEN_UP),
    Ending("rg-portal", Outcome.VERIFIED, "two resources, one task", task=True),
    Ending("rg-payments", Outcome.WITHDRAWN, "one task is not possible: a rule forbids a neighbour"),
    Ending("app-pay-web", Outcome.VERIFIED, "so each gets a task of its own", task=True),
    Ending("app-pay-api", Outcome.VERIFIED, "so each gets a task of its own", task=True),
    Ending("mysql-crm", Outcome.NOTHING_TO_DO, "the task looked again and found nothing", task=True),
    Ending("docker-hub", Outcome.WITHDRAWN, "auditing cannot be remediated", certain=False),
    Ending("rg-batch", Outcome.WITHDRAWN, "compliant before anything was done"),
    Ending("rg-network-hub", Outcome.OBSERVED, "planned and recorded, never opened"),
)
