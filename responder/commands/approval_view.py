"""What people were asked about a case and what they ordered, for `show`: as rows and as JSON."""

import json

from responder.core.case import Case, Plan, Word
from responder.core.orders import answer_by, asks

LISTED = 20

Document = dict[str, object]


def order_rows(case: Case) -> list[tuple[str, str]]:
    """Headings and sentences about approval and cancellation; none where nobody was asked and nothing was ordered."""
    rows = [("approval", sentence) for sentence in _asked(case)]
    if case.approval:
        rows.append(("approved", f"{_said(case.approval)} (plan {case.approval.digest[:12]})"))
    if case.cancel:
        rows.append(("canceled", _said(case.cancel)))
    return rows


def _asked(case: Case) -> list[str]:
    plan, until = asks(case), answer_by(case)
    if plan is None or case.approval is not None:
        return []
    end = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
    yes = f'python -m responder approve {case.id[:10]} --plan {plan.approval[:12]} --reason "…"'
    no = f'python -m responder reject {case.id[:10]} --reason "…"'
    asked = f"Rule {plan.rule} asks a person{end}; anybody who may write the ledger's tables can answer."
    return [asked, f"body {json.dumps(plan.body, sort_keys=True)}", *_for(plan), yes, no]


def _for(plan: Plan) -> list[str]:
    """The resources, because a plan may take neighbours along that the case has not heard of."""
    more = len(plan.resources) - LISTED
    rest = [f"and {more} more; --json lists them all"] if more > 0 else []
    return [f"for {resource}" for resource in plan.resources[:LISTED]] + rest


def approval_of(case: Case) -> Document | None:
    """The question that waits for an answer, or the answer that was given."""
    plan, until = asks(case), answer_by(case)
    if plan is None and case.approval is None:
        return None
    return {
        "plan": plan.approval if plan else None,
        "askedAt": case.asked_at.isoformat() if case.asked_at else None,
        "until": until.isoformat() if until else None,
        "approved": word_of(case.approval),
    }


def word_of(word: Word | None) -> Document | None:
    """What a person ordered."""
    if word is None:
        return None
    return {"who": word.who, "why": word.why, "at": word.at.isoformat(), "plan": word.digest or None}


def _said(word: Word) -> str:
    return f"by {word.who} at {word.at:%Y-%m-%d %H:%M:%S} UTC: {word.why}"
