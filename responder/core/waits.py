"""What an event would wait for, in order, from its arrival to Azure Policy's new word: for people who ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from responder.core.duration import iso_duration
from responder.core.resource_id import Level, ResourceId
from responder.core.rule_settings import Bounds, Settings
from responder.core.window import Window, opening

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Ahead:
    """What lies before a task that would be opened: whether a person is asked, the app's limits, when it is due."""

    asks: bool
    limits: Bounds
    due: datetime


def waits(resource: ResourceId, settings: Settings, grace: timedelta, ahead: Ahead | None) -> tuple[str, ...]:
    """One sentence for each wait of a remediation by these settings; without `ahead` it is only observed."""
    opened = (*_until_opened(settings, ahead), *_after(settings)) if ahead else ()
    return (*_until_planned(resource, settings, grace), *opened)


def _until_planned(resource: ResourceId, settings: Settings, grace: timedelta) -> Iterator[str]:
    grouped = settings.gather_by == "resourceGroup" and resource.level is Level.RESOURCE and resource.resource_group
    gathered = f"more news of resource group {resource.resource_group}" if grouped else "more news of this resource"
    if grace:
        yield f"Azure's own attempt: {iso_duration(grace)} after the scan"
    limits = f"{iso_duration(settings.gather_for)} after the latest and {iso_duration(settings.gather_at_most)} at most"
    yield f"{gathered}: {limits}"
    yield "policy states that have caught up with the news, and facts that can be read (asked for again)"
    if grouped:
        yield "its neighbours: one task for all if this rule decides every non-compliant one, else one task each"


def _until_opened(settings: Settings, ahead: Ahead) -> Iterator[str]:
    if ahead.asks:
        good = iso_duration(settings.ask_for)
        yield f"somebody's approval: asked for {good}, and good for {good}; another plan or rule asks again"
    if settings.during:
        yield _window(settings.during, ahead.due)
    limits = ahead.limits
    yield (
        f"room within the limits: {limits.running} tasks at a time, {limits.per_definition} of one definition, "
        f"{limits.resources_per_hour} resources an hour; and the breaker of its definition"
    )
    yield "the pause switch, Azure's throttling, and somebody else's task for this policy on an overlapping scope"


def _window(window: Window, due: datetime) -> str:
    told = opening(window, due).because.removeprefix("Window ").removesuffix(".")
    return f"its window, as it is when the news is due: {told}"


def _after(settings: Settings) -> Iterator[str]:
    yield (
        f"Azure Policy's new word: {iso_duration(settings.verify_after)} to {iso_duration(settings.verify_at_most)} "
        "after the task's end"
    )
    yield f"and where that is bad, {_retries(settings)}"
    yield f"and no second task for the same resource within {iso_duration(settings.cooldown)} of that end"


def _retries(settings: Settings) -> str:
    if settings.retry_attempts == 1:
        return "for a person: there is one attempt and no other"
    terms, last = settings.retry(""), settings.retry_attempts
    told = [iso_duration(terms.after(made)) for made in range(1, min(last, _SHOWN + 1))]
    listed = f"{', '.join(told)}{', …' if last > _SHOWN + 1 else ''}"
    return f"for the next of {last} attempts in all, after {listed}"
