"""What must never be: one function for each line of the table, each the list of what it found, in words.

They are told what Azure saw and not what the app says of itself; where the ledger or the traces are asked, that they
know of something is the very thing to be proved.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from tests.chaos.evidence import Call, Evidence, Opened
from tests.chaos.places import ATTEMPTS

SAME_HOST = timedelta(seconds=1)
"""A call that a host sent before it had read the answer may still arrive."""
OTHER_HOSTS = timedelta(seconds=4)
"""Another host learns of the wait from the ledger when it begins its next step; a step under way goes on."""
UNTOLD = timedelta(seconds=2)
"""A host that dies so soon after an answer had no time to tell the others of it."""
_EARLY = timedelta(seconds=0.2)
_PAST = timedelta(seconds=0.5)


def lost(seen: Evidence) -> list[str]:
    """Events that were acknowledged and of which nothing is known, and cases that were left standing."""
    known = dict(seen.known)
    wanted = {vault.id for vault in seen.vaults if vault.wanted}
    undecided = [
        f"event {event.id} was acknowledged and never decided" for event in seen.events if event.id not in seen.decided
    ]
    forgotten = [
        f"the news of {event.resource} at {event.scan} is not in the ledger"
        for event in seen.events
        if event.noncompliant and event.resource in wanted and not _knows(known, event.resource, event.scan)
    ]
    return [*undecided, *forgotten, *(f"case {case} never came to its end" for case in seen.unfinished)]


def _knows(known: Mapping[str, object], resource: str, scan: int) -> bool:
    row = known.get(resource)
    return row is not None and getattr(row, "scan", 0) >= scan


def doubled(seen: Evidence) -> list[str]:
    """Tasks that were created twice under one name, and two tasks of one case at the same time."""
    names = Counter(task.name for task in seen.tasks)
    twice = [f"task {name} was created {count} times" for name, count in names.items() if count > 1]
    return [
        *twice,
        *_together(seen.tasks, lambda task: task.name.rpartition("-")[0], lambda *_both: True, "one case"),
    ]


def overlapping(seen: Evidence) -> list[str]:
    """Two tasks of one assignment that run at the same time on scopes with resources in common."""
    return _together(seen.tasks, lambda task: task.assignment, _reach_alike, "overlapping scopes")


def _reach_alike(one: Opened, other: Opened) -> bool:
    return covers(one.scope, other.scope) or covers(other.scope, one.scope)


def _together(
    tasks: Sequence[Opened],
    key: Callable[[Opened], str],
    alike: Callable[[Opened, Opened], bool],
    what: str,
) -> list[str]:
    groups: dict[str, list[Opened]] = defaultdict(list)
    found = []
    for task in sorted(tasks, key=lambda task: task.created):
        before = groups[key(task)]
        found += [
            f"{task.name} and {other.name} ran at the same time: {what}"
            for other in before
            if (other.ended is None or other.ended > task.created) and alike(task, other)
        ]
        before.append(task)
    return found


def over_a_limit(seen: Evidence) -> list[str]:
    """Moments at which more tasks ran than may, in all or of one definition; and more resources than in an hour."""
    found = []
    for task in seen.tasks:
        running = [other for other in seen.tasks if _runs(other, task.created)]
        alike = [other for other in running if other.definition == task.definition]
        if len(running) > seen.size.running:
            found.append(f"{len(running)} tasks ran when {task.name} was created, {seen.size.running} may")
        if len(alike) > seen.size.per_definition:
            found.append(f"{len(alike)} tasks of {task.definition} ran, {seen.size.per_definition} may")
    asked = sum(task.count for task in seen.tasks)
    return [*found, *([f"tasks asked for {asked} resources"] if asked > 10 * seen.size.events else [])]


def _runs(task: Opened, at: datetime) -> bool:
    return task.created <= at and (task.ended is None or task.ended > at)


def opened_while_paused(seen: Evidence) -> list[str]:
    """Tasks created while the pause was on; a PUT that was under way when it was set has its time limit."""
    late = seen.put_limit + _PAST + seen.lag
    return [
        f"{task.name} was created {task.created - pause.begin} after the pause"
        for task in seen.tasks
        for pause in seen.pauses
        if pause.begin + late < task.created < pause.end
    ]


def forbidden(seen: Evidence) -> list[str]:
    """Tasks whose scope reaches a resource that the rules do not want touched, whether they came to it or not."""
    off_limits = [vault for vault in seen.vaults if not vault.wanted]
    return [
        f"{task.name} at {task.scope} reaches {vault.id}"
        for task in seen.tasks
        for vault in off_limits
        if task.assignment == vault.assignment and (covers(task.scope, vault.id) or vault.id in task.deployed)
    ]


def too_early(seen: Evidence) -> list[str]:
    """Calls for a subscription that Azure had asked to be left alone."""
    waits = [call for call in seen.calls if call.retry_after and call.answered]
    return [
        f"{call.client} sent {call.method} {call.path} {call.at - wait.answered} after {wait.client} was told "
        f"to wait {wait.retry_after:.0f} s"
        for wait in waits
        if wait.answered
        for call in seen.calls
        if call.subscription == wait.subscription and _too_early(call, wait, wait.answered, seen)
    ]


def _too_early(call: Call, wait: Call, told: datetime, seen: Evidence) -> bool:
    lead = (SAME_HOST if call.client == wait.client else OTHER_HOSTS) + seen.lag
    if not told + lead < call.at < told + timedelta(seconds=wait.retry_after) - _EARLY:
        return False
    return not any(host == wait.client and told - _PAST <= at <= told + UNTOLD for host, at in seen.deaths)


def uncovered(seen: Evidence) -> list[str]:
    """Wanted resources that are non-compliant at the end, but for those that every attempt was made for."""
    known = dict(seen.known)
    found = []
    for vault in seen.vaults:
        if vault.wanted and vault.id in seen.broken:
            tries = sum(task.assignment == vault.assignment and covers(task.scope, vault.id) for task in seen.tasks)
            row = known.get(vault.id)
            if row is None or not row.given_up or tries < ATTEMPTS:
                found.append(f"{vault.id} is non-compliant after {tries} tasks and not given up")
    return found


def untraced(seen: Evidence) -> list[str]:
    """Ended tasks whose round has no root span, and rounds that were told under more than one."""
    told = {root.task for root in seen.roots}
    silent = [f"the round of {task.name} has no trace" for task in seen.tasks if task.ended and task.name not in told]
    spans: dict[tuple[str, int], set[str]] = defaultdict(set)
    for root in seen.roots:
        spans[root.case, root.round].add(root.span)
    return [*silent, *(f"round {key} was told {len(ids)} times" for key, ids in spans.items() if len(ids) > 1)]


def covers(scope: str, resource: str) -> bool:
    """Whether the resource is the scope or lies below it."""
    return resource == scope or resource.startswith(f"{scope}/")


CHECKS: Mapping[str, Callable[[Evidence], list[str]]] = {
    "lost": lost,
    "doubled": doubled,
    "overlapping": overlapping,
    "over a limit": over_a_limit,
    "opened while paused": opened_while_paused,
    "opened on a forbidden resource": forbidden,
    "Retry-After broken": too_early,
    "resources left uncovered": uncovered,
    "rounds without a trace": untraced,
}
