"""What nobody told us: present non-compliant states beside what the ledger heard of them.

An event can be lost before it reaches us, and resources that were out of compliance before the app was deployed
never had one. A state counts as unannounced when it is a change that no event told: the ledger does not know the
resource, or knows it as anything but non-compliant. Azure stamps a state anew with each daily scan and raises an event
only when something changed, so a newer stamp alone is no change.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from responder.core import instant
from responder.core.admission import Knock
from responder.core.backfill_cycle import Tally
from responder.core.decision import Answer, at_the_door
from responder.core.facts import Assignment, Definition, Facts, Initiative, Missing, Unread
from responder.core.policy_state import PolicyStateChange
from responder.core.resource_row import ResourceRow
from responder.core.rules import Rules
from responder.core.surveyed import Surveyed

EVENT_ID = "backfill"
"""What the ledger keeps as the event of news that no event brought."""
ON_THE_WAY = timedelta(hours=1)
"""For so long after a scan its event may still come: they take up to 20 minutes
(https://learn.microsoft.com/azure/governance/policy/concepts/event-overview)."""
LATELY = timedelta(hours=24)

PolicyFacts = tuple[Assignment | Missing | Unread, Definition | Missing | Unread, Initiative | Missing | Unread | None]


class Standing(StrEnum):
    """What the ledger knows of one state."""

    ON_THE_WAY = "on-the-way"  # scanned so lately that its event may still come
    KNOWN = "known"  # an event told it, or its case is at it
    AGAIN = "again"  # dealt with, and Azure looked again with the same result
    UNANNOUNCED = "unannounced"  # a change that no event told


@dataclass(frozen=True, slots=True)
class Finding:
    """One wanted state, and what is to be done about it."""

    knock: Knock
    standing: Standing
    announced_lately: bool
    admits: bool


def change_of(state: Surveyed) -> PolicyStateChange:
    """The event that would have announced it."""
    return replace(state.change, event_id=EVENT_ID)


def knock_of(state: Surveyed, policy: PolicyFacts, rules: Rules) -> Knock:
    """The door's answer, with what the state itself tells of effect, place and tags."""
    facts = Facts.from_state(state.observed, *policy)
    change = change_of(state)
    return Knock(change, at_the_door(change, facts, rules), facts)


def finding_of(knock: Knock, row: ResourceRow | None, now: datetime) -> Finding:
    """What follows for a wanted state from what the ledger knows of its resource."""
    standing = standing_of(knock.change.scan, row, now)
    heard = row is not None and row.event_id not in ("", EVENT_ID) and now - row.arrived <= LATELY
    told = standing is Standing.UNANNOUNCED or (standing is Standing.AGAIN and not _observed_already(knock, row))
    return Finding(knock, standing, heard, told and knock.decision.settings.backfill)


def standing_of(scan: int, row: ResourceRow | None, now: datetime) -> Standing:
    """What the ledger knows of a state with this scan."""
    if row is not None and row.scan >= scan:
        return Standing.KNOWN
    if instant.of(now - ON_THE_WAY) <= scan:
        return Standing.ON_THE_WAY
    if row is None or not row.noncompliant:
        return Standing.UNANNOUNCED
    return Standing.KNOWN if row.open or row.covered(scan) else Standing.AGAIN


def _observed_already(knock: Knock, row: ResourceRow | None) -> bool:
    """Whether the same text of the same rule has only observed it before: observing it daily tells nothing new."""
    before, decision = row.admitted if row else None, knock.decision
    same = before is not None and (before.answer, before.digest) == (decision.answer.value, decision.digest)
    return same and decision.answer is Answer.OBSERVE


def counted(finding: Finding, now: datetime) -> Tally:
    """One wanted state as a tally of its own."""
    unannounced = finding.standing is Standing.UNANNOUNCED
    lately = unannounced and finding.knock.change.scan > instant.of(now - LATELY)
    return Tally(
        wanted=1,
        unannounced=int(unannounced),
        lately=int(lately),
        announced=int(finding.announced_lately),
        admitted=int(unannounced and finding.admits),
        renewed=int(finding.standing is Standing.AGAIN and finding.admits),
    )
