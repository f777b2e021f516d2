"""All non-compliant states of one policy in one resource group, with what is known: the unit in which a survey decides.

The states of an estate come ordered, so that a place is a run of them and only one is held at a time.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from itertools import groupby

from responder.core.arrangement import Arranged, arrange
from responder.core.decision import Answer, judge
from responder.core.facts import Facts
from responder.core.preflight import missing_roles
from responder.core.rules import Rules
from responder.core.subject import Subject
from responder.core.surveyed import Judged, Surveyed, Unit

LACKS_ROLE = "identity-lacks-role"


@dataclass(frozen=True, slots=True)
class Place:
    """One place's states, what is known of their policy there, and where its others in the subscription are."""

    states: tuple[Surveyed, ...]
    known: Facts
    elsewhere: frozenset[str | None]  # locations; complete where the place is the subscription, outside any group

    def arranged(self, rules: Rules) -> Arranged:
        """What would become of it under some rules, by the decision of production."""
        divided = rules.divides(self.states[0].resource.group) is not None
        return arrange([self._judged(state, rules) for state in self.states], self.elsewhere, divided)

    def _judged(self, state: Surveyed, rules: Rules) -> Judged:
        known = self.known
        facts = Facts.from_state(state.observed, known.assignment, known.definition, known.initiative, known.around)
        decision = judge(state.change, facts, rules)
        wanted = decision.answer in (Answer.REMEDIATE, Answer.ASK) or decision.reason == LACKS_ROLE
        return Judged(state, decision, missing_roles(Subject(state.change, facts)) if wanted else ())


async def places(states: Iterable[Surveyed], facts: AsyncIterator[tuple[Unit, Facts]]) -> AsyncIterator[Place]:
    """Every place of the states, which come ordered: by unit, then by group; outside any group last.

    `facts` come in the same order, one for each unit.
    """
    for unit, members in groupby(states, lambda state: state.unit):
        told, known = await anext(facts)
        if told != unit:
            raise ValueError(f"the facts are about {told}, the states about {unit}")
        locations: set[str | None] = set()
        for _group, each in groupby(members, lambda state: state.resource.group.text):
            place = Place(tuple(each), known, frozenset(locations))
            yield place
            locations |= {state.observed.location for state in place.states}
