"""What the door says of one event, and the news that goes to a case when it is let in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from responder.core import instant
from responder.core.case import CaseKey, News, key_for
from responder.core.decision import Answer, Decision, at_the_door
from responder.core.due import due_at, grace_of
from responder.core.facts import Assignment, Definition, Facts, Initiative, Missing, Unread
from responder.core.policy_state import PolicyStateChange, Rejection, RejectionReason
from responder.core.resource_row import Admitted
from responder.core.rules import Rules

AHEAD = timedelta(days=1)
"""A scan further ahead of our clock is no news: it would make all that comes before it look old."""
_STATES = frozenset(
    {"compliant", "deleted", "exempt", "conflict", "conflicting", "error", "protected", "unknown", "notstarted"}
)
_LET_IN = frozenset({Answer.REMEDIATE, Answer.OBSERVE, Answer.ASK, Answer.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Answered:
    """The door's answer to one event, for its span, its metric and its line of log."""

    decision: str  # an `Answer`, or withdrawn, stale, rejected
    reason: str
    because: str
    rule: str = ""
    case: str = ""


def timely(change: PolicyStateChange | Rejection, now: datetime) -> PolicyStateChange | Rejection:
    """The same event, or its rejection where it says to be scanned long after now."""
    if isinstance(change, Rejection) or change.scan <= instant.of(now + AHEAD):
        return change
    detail = f"data.timestamp {instant.iso(change.scan)} lies more than a day ahead of our clock"
    return Rejection(RejectionReason.BAD_TIME, detail, change.event_id)


def rejected(no: Rejection) -> Answered:
    """The answer to an event that cannot be understood."""
    return Answered(Answer.REJECTED.value, no.reason.value, no.detail)


@dataclass(frozen=True, slots=True)
class Knock:
    """One understood event at the door: what is decided with what is known by heart, no call to Azure."""

    change: PolicyStateChange
    decision: Decision
    facts: Facts

    @property
    def let_in(self) -> bool:
        """Whether its news goes to the ledger: good news always does, bad news unless the answer is no."""
        return self.change.withdraws or self.decision.answer in _LET_IN

    @property
    def key(self) -> CaseKey:
        """The case it would go to if its resource were a stranger."""
        change = self.change
        policy = change.reference or change.definition.text
        return key_for(change.assignment.text, policy, change.resource, self.decision.settings.gather_by)

    @property
    def admitted(self) -> Admitted:
        """What the resource's row keeps of the decision."""
        decision = self.decision
        return Admitted(decision.answer.value, decision.rule, decision.reason, decision.digest)

    def news(self, now: datetime) -> Callable[[CaseKey], News]:
        """Its news for the case that holds the resource, with the timing of the first rule that may match."""
        settings = self.decision.settings
        grace = grace_of(settings, self.facts, self.change.reference)
        due = due_at(self.change.scan, now, now, settings, grace)

        def news(key: CaseKey) -> News:
            change = self.change
            return News(
                key=key,
                definition=change.definition.text,
                reference=change.reference,
                withdraws=change.withdraws,
                settings=settings,
                rule=self.decision.rule,
                due=due,
            )

        return news

    def answered(self, case: str, stale: bool) -> Answered:
        """What to tell of it."""
        if stale:
            return Answered("stale", "older-news", "The ledger knows newer news of this resource.", case=case)
        if self.change.withdraws:
            because = f"Azure Policy calls it {self.change.compliance}: nothing is to be done."
            return Answered("withdrawn", _state(self.change.compliance), because, case=case)
        decision = self.decision
        return Answered(decision.answer.value, decision.reason, decision.because, decision.rule, case)


def _state(compliance: str) -> str:
    """A state as the reason of a metric: whoever writes events must not be able to invent any number of them."""
    return compliance if compliance in _STATES else "another-state"


def knock(
    change: PolicyStateChange,
    rules: Rules,
    assignment: Assignment | Missing | Unread,
    definition: Definition | Missing | Unread,
    initiative: Initiative | Missing | Unread | None,
) -> Knock:
    """Decide at the door, three-valued: what is not known yet is neither a no nor a yes."""
    facts = Facts.of_policy(assignment, definition, initiative)
    return Knock(change, at_the_door(change, facts, rules), facts)
