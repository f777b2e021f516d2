"""What would happen to one event and why, worked out with the code that decides in production.

It is what confirm would find if the event's resource were alone: the plan of a group is known only when the
states of the whole group have been read.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from responder.core import instant
from responder.core.decision import Answer, Check, Considered, Decision, judge
from responder.core.due import due_at, grace_of
from responder.core.facts import Facts, Initiative
from responder.core.policy_state import PolicyStateChange, Rejection
from responder.core.resource_id import Level
from responder.core.rules import Rules, Settings
from responder.core.task_body import task_body
from responder.core.waits import Ahead, waits

_PLANNED = (Answer.REMEDIATE, Answer.ASK, Answer.OBSERVE)


@dataclass(frozen=True, slots=True)
class Planned:
    """Where the task would be opened, and its body as on the wire."""

    scope: str
    body: dict[str, object]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer for one event, and the way to it."""

    answer: Answer
    rule: str
    because: str
    reason: str
    considered: tuple[Considered, ...] = ()
    preflight: tuple[Check, ...] = ()
    plan: Planned | None = None
    due: datetime | None = None
    waits: tuple[str, ...] = ()  # what it would wait for, in order; for people only

    def document(self) -> dict[str, object]:
        """The explanation as JSON; times are UTC."""
        return {
            "answer": self.answer.value,
            "rule": self.rule,
            "because": self.because,
            "reason": self.reason,
            "considered": [asdict(each) for each in self.considered],
            "preflight": [asdict(each) for each in self.preflight],
            "plan": asdict(self.plan) if self.plan else None,
            "due": instant.iso(instant.of(self.due)) if self.due else None,
        }


def explain(change: PolicyStateChange | Rejection, facts: Facts, rules: Rules, now: datetime) -> Explanation:
    """Explain one event that comes now."""
    if isinstance(change, Rejection):
        because = f"The event cannot be taken: {change.detail}."
        return Explanation(Answer.REJECTED, "", because, change.reason.value)
    if change.withdraws:
        because = f"Azure Policy calls {change.resource} {change.compliance}: nothing is to be done."
        return Explanation(Answer.IGNORE, "", because, change.compliance)
    if facts.around.as_of is None:
        facts = replace(facts, around=replace(facts.around, as_of=now))
    decision = judge(change, facts, rules)
    due = _due(change, facts, decision.settings, now) if decision.answer in _PLANNED else None
    return Explanation(
        answer=decision.answer,
        rule=decision.rule,
        because=decision.because,
        reason=decision.reason,
        considered=decision.considered,
        preflight=decision.checks,
        plan=_plan(change, facts, decision.settings) if due else None,
        due=due,
        waits=_waits(change, facts, decision, rules, due) if due else (),
    )


def _plan(change: PolicyStateChange, facts: Facts, settings: Settings) -> Planned:
    """A resource alone is its own scope and counts one; for a group the count is the most that confirm may find."""
    grouped = settings.gather_by == "resourceGroup" and change.resource.resource_group is not None
    wide = grouped and change.resource.level is Level.RESOURCE
    scope = change.resource.group if wide else change.resource
    count = settings.task.resource_count if wide else 1
    return Planned(scope.text, task_body(change.assignment.text, _spelled(change, facts), settings.task, count))


def _spelled(change: PolicyStateChange, facts: Facts) -> str:
    entry = facts.initiative.reference(change.reference) if isinstance(facts.initiative, Initiative) else None
    return entry.reference_id if entry else change.reference


def _waits(change: PolicyStateChange, facts: Facts, decision: Decision, rules: Rules, due: datetime) -> tuple[str, ...]:
    grace = grace_of(decision.settings, facts, change.reference)
    observed = decision.answer is Answer.OBSERVE
    ahead = None if observed else Ahead(decision.answer is Answer.ASK, rules.limits, due)
    return waits(change.resource, decision.settings, grace, ahead)


def _due(change: PolicyStateChange, facts: Facts, settings: Settings, now: datetime) -> datetime:
    return due_at(change.scan, now, now, settings, grace_of(settings, facts, change.reference))
