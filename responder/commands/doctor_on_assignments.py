"""The doctor looks at assignments: whether a rule names some of which none is assigned.

Below a management group Azure lists assignments only of the group itself, so that nothing is certain there: then
nothing is said, and `survey` is the one to ask.
"""

import asyncio

from responder.commands.doctor_azure import TROUBLE, Azure
from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.doctor_rules import of_assignments

SECONDS = 30.0


async def look_at_assignments(azure: Azure) -> list[Finding]:
    """Everything about assignments; nothing where rules or scopes do not allow it."""
    rules = azure.patient.reviewed.rules if azure.patient.reviewed else None
    scopes = azure.patient.scopes
    if rules is None or any(scope.subscription is None for scope in scopes):
        return []
    if await azure.blocked(Section.RULES, Check.ASSIGNMENTS):
        return []  # the sections that ask Azure say why
    try:
        async with asyncio.timeout(SECONDS):
            listed = await asyncio.gather(*(azure.health.assigned(scope) for scope in scopes))
    except (*TROUBLE, TimeoutError) as error:
        because = f"The policy assignments could not be read: {error or 'it took too long'}."
        mend = "python -m responder doctor --only rights"
        return [Finding(Section.RULES, Check.ASSIGNMENTS, Verdict.NOT_CHECKED, because, mend)]
    return list(of_assignments(rules, {each for some in listed for each in some}, scopes))
