"""What an event would wait for, in order, from its arrival to Azure Policy's new word: for people who ask."""

from datetime import timedelta

from responder.core.duration import iso_duration
from responder.core.resource_id import Level, ResourceId
from responder.core.rule_settings import Settings


def waits(resource: ResourceId, settings: Settings, grace: timedelta, opens: bool) -> tuple[str, ...]:
    """One sentence for each wait of a remediation by these settings; `opens` is false where it is only observed."""
    grouped = settings.gather_by == "resourceGroup" and resource.level is Level.RESOURCE and resource.resource_group
    gathered = f"more news of resource group {resource.resource_group}" if grouped else "more news of this resource"
    limits = f"{iso_duration(settings.gather_for)} after the latest and {iso_duration(settings.gather_at_most)} at most"
    first = [f"{gathered}: {limits}"]
    if grace:
        first.insert(0, f"Azure's own attempt: {iso_duration(grace)} after the scan")
    first.append("policy states that have caught up with the news, and facts that can be read (asked for again)")
    if grouped:
        first.append(
            "its neighbours: one task for all if this rule decides every non-compliant one, else one task each"
        )
    if not opens:
        return tuple(first)
    return (
        *first,
        "the pause switch, Azure's throttling, and somebody else's task for this policy on an overlapping scope",
        f"Azure Policy's new word: {iso_duration(settings.verify_after)} to {iso_duration(settings.verify_at_most)} "
        "after the task's end",
        f"and no second task for the same resource within {iso_duration(settings.cooldown)} of that end",
    )
