"""When gathered news is due: after Azure's own attempt, and once the burst is over.

Azure deploys to new resources by itself, `evaluationDelay` after they are provisioned (PT10M by default); a task
before that would do the work twice
(https://learn.microsoft.com/azure/governance/policy/concepts/effect-deploy-if-not-exists#deployifnotexists-properties).
"""

from datetime import datetime, timedelta

from responder.core import instant
from responder.core.duration import BadDuration, duration
from responder.core.facts import Definition, Facts
from responder.core.parameters import filled_in
from responder.core.rule_settings import Settings

USUAL_DELAY = timedelta(minutes=10)
"""What Azure waits where a definition names no delay, and what `AfterProvisioning*` counts for."""
LONGEST_DELAY = timedelta(hours=6)
"""Azure takes 0 to 360 minutes."""


def grace_of(settings: Settings, facts: Facts, reference: str) -> timedelta:
    """How long after a scan Azure's own attempt may take: the rule's `grace`, or the definition's delay for `auto`.

    A delay that is not known, or that Azure cannot mean, counts as the usual one: we need only a sensible wait.
    """
    if settings.grace is not None:
        return settings.grace
    written = facts.definition.evaluation_delay if isinstance(facts.definition, Definition) else None
    delay = filled_in(written, facts, reference) if written else None
    if not isinstance(delay, str) or delay.lower().startswith("afterprovisioning"):
        return USUAL_DELAY
    try:
        told = duration(delay.upper())
    except BadDuration:
        return USUAL_DELAY
    return told if told <= LONGEST_DELAY else USUAL_DELAY


def due_at(
    first_scan: int, first_news: datetime, latest_news: datetime, settings: Settings, grace: timedelta
) -> datetime:
    """The moment to confirm: the grace after the first scan (ticks), and the burst over or as old as it may get."""
    quiet = min(latest_news + settings.gather_for, first_news + settings.gather_at_most)
    return max(instant.moment(first_scan) + grace, quiet)
