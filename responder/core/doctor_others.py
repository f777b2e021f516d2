"""The doctor on others: a second responder that works in the same boundary.

Nothing in Azure says so outright. Two things show it: tasks under names of our form that no case of this ledger ever
had, and an event subscription that delivers the same events to another app like this one. How sure either is, is said.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.doctor_delivery import Delivery, site_of
from responder.core.doctor_events import Topic
from responder.core.resource_id import ResourceId

_NAME = re.compile(r"(responder-[0-9a-f]{20})-\d+")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class SeenTask:
    """A remediation task that stands at a scope."""

    scope: ResourceId
    name: str
    ended: bool


def stem(task: str) -> str | None:
    """What all tasks of one case have in common; `None` where the name is not of our form."""
    found = _NAME.fullmatch(task)
    return found[1] if found else None


def of_tasks(tasks: Iterable[SeenTask], ours: Collection[str], looked: int) -> Iterator[Finding]:
    """Tasks of our form that are none of ours. `ours`: stems of this ledger's cases; `looked`: at how many scopes."""
    foreign = [each for each in tasks if (told := stem(each.name)) and told not in ours]
    if not foreign:
        because = f"No task at {looked} scope{'' if looked == 1 else 's'} is named by another responder."
        yield Finding(Section.OTHERS, Check.TASKS, Verdict.OK, because)
        return
    running = [each for each in foreign if not each.ended]
    shown = "; ".join(f"{each.name} at {each.scope}" for each in (running or foreign)[:_SHOWN])
    sure = (
        "one of them runs now, so another responder is almost certainly at work"
        if running
        else "all have ended: another responder, or an earlier ledger of this one"
    )
    many = f"{len(foreign)} task{'' if len(foreign) == 1 else 's'}"
    because = f"{many} of a responder's name that no case of this ledger knows ({sure}): {shown}."
    first = (running or foreign)[0]
    where = f"{first.scope}/providers/Microsoft.PolicyInsights/remediations/{first.name}"
    yield Finding(
        Section.OTHERS,
        Check.TASKS,
        Verdict.WARNING,
        because,
        f'az rest --method get --url "{where}?api-version=2024-10-01"',
    )


def of_subscribers(topics: Iterable[Topic], delivery: Delivery) -> Iterator[Finding]:
    """Event subscriptions that feed another app like this one."""
    found = False
    for each in topics:
        for told in each.subscriptions:
            if delivery.could(told) and not delivery.reaches(told):
                found = True
                because = (
                    f"Event subscription {told.name} of {each.topic.id} delivers the same events to {site_of(told)}, "
                    "for certain; whether that responder opens tasks here depends on its rules. Keep their boundaries "
                    "('within') apart."
                )
                mend = (
                    f"az eventgrid system-topic event-subscription show --name {told.name} --system-topic-name "
                    f"{each.topic.id.name} --resource-group {each.topic.id.resource_group} "
                    f"--subscription {each.topic.id.subscription}"
                )
                yield Finding(Section.OTHERS, Check.SUBSCRIBERS, Verdict.WARNING, because, mend)
    if not found:
        because = "No event subscription feeds another responder."
        yield Finding(Section.OTHERS, Check.SUBSCRIBERS, Verdict.OK, because)
