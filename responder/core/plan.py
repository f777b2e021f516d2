"""The plan of one round: where the task goes, what its body says, which resources it is for.

`resourceCount` is at most the number that was confirmed, so that Azure cannot find more than was decided.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING

from responder.core import instant
from responder.core.case import Case, Kind, Move, Plan, task_name
from responder.core.decision import Answer, Decision
from responder.core.facts import Assignment, Missing, Unread
from responder.core.observed_state import ObservedState
from responder.core.resource_id import ResourceId, resource_id
from responder.core.task_body import task_body

if TYPE_CHECKING:
    from responder.core.neighbours import Around
    from responder.core.verdict import Verdict

LINKS_KEPT = 32
CONTESTED_KEPT = 20
MOST_PLANNED = 10_000
MOST_LETTERS = 350_000
"""A plan lives in one table row of at most 1 MiB, compressed; ids that look random hardly shrink. What is beyond these
many resources, or letters of their ids, waits for the next round."""


def make_plan(
    case: Case,
    scope: ResourceId,
    wanted: "Sequence[Verdict]",
    around: "Around",
    decision: Decision,
    state: ObservedState,
    assigned: Assignment | Missing | Unread,
    at_most: int,
    now: datetime,
) -> Plan:
    """The plan for the resources that were confirmed, and for the neighbours decided alike.

    `at_most` is what all tasks together may be opened for in an hour: a larger plan could never be opened.
    """
    resources = _fitting(
        sorted({verdict.row.resource for verdict in wanted} | {other.resource.text for other in around.others})
    )
    count = min(len(resources), at_most)
    links = tuple(verdict.row.link for verdict in wanted if verdict.row.link)[:LINKS_KEPT]
    reference = state.reference or case.reference
    return Plan(
        scope=scope.text,
        name=task_name(case),
        body=task_body(case.key.assignment, reference, decision.settings.task, count),
        resources=resources,
        rule=decision.rule,
        because=decision.because,
        reason=decision.reason,
        digest=decision.digest,
        made_at=now,
        effect=state.effect or "",
        facts=_facts_used(state, assigned),
        links=links,
        ask=decision.answer is Answer.ASK,
        beside=_fitting([other.resource.text for other in around.covered], MOST_LETTERS // 2),
        contested=tuple(verdict.row.resource for verdict in wanted if verdict.row.contested)[:CONTESTED_KEPT],
    )


def _facts_used(state: ObservedState, assigned: Assignment | Missing | Unread) -> dict[str, object]:
    """What the decision was made from: the first resource's state, and what matters of the assignment."""
    facts: dict[str, object] = {
        "resource": state.resource.text,
        "scanned": instant.iso(state.scan),
        "effect": state.effect,
        "location": state.location,
        "tags": dict(state.tags) if state.tags is not None else None,
        "managementGroups": list(state.management_groups) if state.management_groups is not None else None,
    }
    if isinstance(assigned, Assignment):
        facts |= {"enforcementMode": assigned.enforcement_mode, "identity": assigned.identity}
    return facts


def make_moves(verdicts: "Sequence[Verdict]", kind: Kind) -> tuple[Move, ...]:
    """Each resource to a case of its own, or each back to its group's case."""
    fitting = _fitting([verdict.row.resource for verdict in verdicts], MOST_LETTERS // 2)  # each is written twice
    return tuple(_move(verdict, kind) for verdict in verdicts[: len(fitting)])


def _fitting(names: Sequence[str], letters: int = MOST_LETTERS) -> tuple[str, ...]:
    """The first of the ids, at least one, that fit together into a case's row."""
    ends = accumulate(len(name) for name in names)
    fitting = sum(1 for end in takewhile(lambda end: end <= letters, ends))
    return tuple(names[: min(max(fitting, 1), MOST_PLANNED)])


def _move(verdict: "Verdict", kind: Kind) -> Move:
    place = resource_id(verdict.row.resource)
    to = verdict.row.key.at(kind, place.group.text if kind is Kind.GROUP else place.text)
    return Move(verdict.row.resource, to, verdict.decision.digest if verdict.decision else "")
