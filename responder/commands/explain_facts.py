"""What `explain` knows of an event where no facts file is given: asked of Resource Manager, read-only.

What cannot be read is said on standard error and stays unknown; the answer is then what the app would say, too.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from responder.adapters.arm import ArmClients
from responder.adapters.arm_error import ArmError
from responder.adapters.policy_facts import PolicyFacts
from responder.adapters.policy_insights import PolicyInsights
from responder.adapters.settings import Settings
from responder.core.facts import Facts
from responder.core.policy_state import PolicyStateChange, Rejection


async def read_facts(changes: Sequence[PolicyStateChange | Rejection], settings: Settings) -> list[Facts]:
    """The facts of each event, in the same order. Events that need none cost no call."""
    clients = ArmClients(settings)
    policies = PolicyFacts(clients, lambda: datetime.now(UTC))
    insights = PolicyInsights(clients)
    try:
        return [await _facts(change, policies, insights) for change in changes]
    finally:
        await clients.close()


async def _facts(change: PolicyStateChange | Rejection, policies: PolicyFacts, insights: PolicyInsights) -> Facts:
    if isinstance(change, Rejection) or change.withdraws:
        return Facts.unknown()
    policy = await policies.about(change.assignment, change.definition, change.reference, change.resource)
    around = await policies.around(policy[0], policy[1], change.resource)
    try:
        states = await insights.states(change.resource, change.assignment, change.definition, change.reference)
    except ArmError as error:
        print(f"note: {error.what}", file=sys.stderr)
        return replace(Facts.of_policy(*policy), around=around)
    state = next((each for each in states if each.resource == change.resource), None)
    if state is None:
        print(f"note: Azure shows no policy state of {change.resource}", file=sys.stderr)
        return replace(Facts.of_policy(*policy), around=around)
    return Facts.from_state(state, *policy, around)
