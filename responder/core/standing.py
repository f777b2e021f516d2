"""Whether a plan still stands when its task is to be opened.

Minutes or days may lie between a plan and its task: a slot, a window, a person, a pause. Meanwhile the rules may be
deployed anew, and Azure may have scanned again. A plan that no longer stands is made anew, which costs one query.
Only what an id and the policy tell is asked here, so the answer never goes against what the new plan would find.
"""

from datetime import datetime, timedelta

from responder.core.case import NOT_VISIBLE_YET, Case, Kind, Plan, State
from responder.core.decision import Answer, decide
from responder.core.facts import Facts
from responder.core.folding import fold
from responder.core.policy_state import NONCOMPLIANT, PolicyStateChange
from responder.core.resource_id import resource_id
from responder.core.rules import Rules

FRESH = timedelta(minutes=10)
"""A plan that was held is opened for so long after it was made; an older one is made anew."""
FRESH_AT_FIRST = timedelta(hours=1)
"""A plan that nothing held yet may be so old: where messages come late, it would be made anew for ever."""
SETTLED = timedelta(minutes=1)
"""News makes a held plan anew once it is so old, so that news without end costs one query a minute at most."""
_OPENS = (Answer.REMEDIATE, Answer.ASK)


def attempted_lately(case: Case, now: datetime) -> bool:
    """Whether a task may exist that Azure does not show yet: a 404 proves nothing so soon after an attempt."""
    return case.attempted_at is not None and now - case.attempted_at <= NOT_VISIBLE_YET


def too_old(case: Case, plan: Plan, now: datetime) -> bool:
    """Whether a plan whose task does not exist must be made anew: its time is over, or news came while it was held.

    `case` is as it was before this step. Never while a PUT of the plan may be under way.
    """
    age = now - plan.made_at
    if attempted_lately(case, now):
        return False
    if case.state is State.OPENING and not case.reason:  # straight from its planning: nothing has held it
        return age > FRESH_AT_FIRST
    return age > FRESH or (case.news and age >= SETTLED)


def outdated(case: Case, plan: Plan, rules: Rules) -> str | None:
    """Why the rules of today forbid what was planned, as far as an id alone can tell; `None` where they do not."""
    if rules.mode == "observe":
        return "The mode is observe now"
    rule = next((rule for rule in rules.rules if rule.name == plan.rule), None)
    if rule is None or rule.digest != plan.digest:
        return f"Rule {plan.rule!r} is not what it was when this was planned"
    if case.key.kind is Kind.GROUP and plan.scope == case.key.place and (why := rules.divides(resource_id(plan.scope))):
        return why.rstrip(".")
    return next((why for name in plan.resources if (why := _unwanted(case, plan, name, rules))), None)


def _unwanted(case: Case, plan: Plan, name: str, rules: Rules) -> str | None:
    """Why one planned resource is not to be remediated by the plan's rule; what is not known forbids nothing here."""
    change = PolicyStateChange(
        event_id="",
        kind="Changed",
        resource=resource_id(name),
        assignment=resource_id(case.key.assignment),
        definition=resource_id(case.definition),
        reference=fold(case.reference),
        compliance=NONCOMPLIANT,
        scan=0,
    )
    decision = decide(change, Facts.unknown(), rules)
    if decision.answer is Answer.UNKNOWN or (decision.answer in _OPENS and decision.rule == plan.rule):
        return None
    return decision.because.rstrip(".")
