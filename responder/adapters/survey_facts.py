"""What a survey knows of policies: the app's own facts, asked with patience and a little ahead.

`PolicyFacts` answers *not known* where Azure is too busy, because the app comes back to a held case. A survey does not
come back: where something is not known and the service refused meanwhile, it waits and asks again.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from responder.adapters.patience import MOST_TRIES, Patience
from responder.adapters.policy_facts import PolicyFacts
from responder.adapters.survey_clients import SurveyClients, Witness
from responder.core.facts import Facts, Surroundings, Unread
from responder.core.rights import Rights
from responder.core.surveyed import Unit

AT_A_TIME = 12
_FOR_THE_WHOLE_SURVEY = timedelta(days=1)
_PAST_UNREAD = timedelta(minutes=1)  # longer than what could not be read is remembered as such
_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=5)


class SurveyFacts:
    """Facts by policy and subscription, each read once; `as_of` is the time that expiry is judged by."""

    def __init__(self, clients: SurveyClients, witness: Witness, patience: Patience, as_of: datetime) -> None:
        self._witness, self._patience, self._as_of = witness, patience, as_of
        self._ahead = timedelta()
        self._facts = PolicyFacts(clients, self._now, ttl=_FOR_THE_WHOLE_SURVEY)

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    async def of(self, units: Iterable[Unit]) -> AsyncIterator[tuple[Unit, Facts]]:
        """What is known of each, in the same order; some are read ahead, so that answers need not wait in line."""
        under_way: deque[tuple[Unit, asyncio.Task[Facts]]] = deque()
        try:
            for unit in units:
                under_way.append((unit, asyncio.create_task(self.about(unit))))
                if len(under_way) >= AT_A_TIME:
                    first, task = under_way.popleft()
                    yield first, await task
            while under_way:
                first, task = under_way.popleft()
                yield first, await task
        finally:
            for _unit, task in under_way:
                task.cancel()

    async def about(self, unit: Unit) -> Facts:
        """What is known of a policy in a subscription, after as many tries as are worth it. Raises no `ArmError`."""
        tries = 0
        while True:
            tries += 1
            before = self._witness.refusals
            known = await self._ask(unit)
            why = _unread(known)
            if why is None or self._witness.refusals == before or tries >= MOST_TRIES:
                return known
            wait = self._witness.retry_after or _FIRST_WAIT * (1 << (tries - 1))
            await self._patience.wait(min(wait, _LONGEST_WAIT), f"waiting: {why}")
            self._ahead += _PAST_UNREAD

    async def _ask(self, unit: Unit) -> Facts:
        policy = unit.policy
        named = policy.assignment, policy.definition, policy.reference
        assigned, defined, grouped = await self._facts.about(*named, unit.subscription)
        around = await self._facts.around(assigned, defined, unit.subscription)
        return replace(Facts.of_policy(assigned, defined, grouped), around=replace(around, as_of=self._as_of))


def _unread(known: Facts) -> str | None:
    """Why something was not read that could have been."""
    around: Surroundings = known.around
    parts: list[object] = [known.assignment, known.definition, known.initiative, around.exemptions, around.rights]
    if isinstance(around.rights, Rights):
        parts += around.rights.roles.values()
    return next((part.why for part in parts if isinstance(part, Unread)), None)
