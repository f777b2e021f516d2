"""The demo's own check: every difference between what was to happen and what happened, in words."""

from collections import Counter
from collections.abc import Iterator

from responder.core.telemetry_names import Attr, SpanName
from responder.local.demo.account import Account
from responder.local.demo.story import ENDINGS


def differences(account: Account) -> list[str]:
    """One sentence for each difference; empty when everything went as told in `story`."""
    return [*_of_answers(account), *_of_cases(account), *_of_tasks(account), *_of_traces(account)]


def _of_answers(account: Account) -> Iterator[str]:
    for delivered, span in account.answers():
        episode, name = delivered.episode, delivered.episode.file.name
        if delivered.status not in range(200, 205):
            yield f"{name} ({episode.shows}) was not acknowledged: {delivered.status}."
        if span is None:
            yield f"{name} ({episode.shows}) has no span."
            continue
        answer = (span.text(Attr.DECISION), span.text(Attr.REASON))
        if answer not in ((episode.decision, episode.reason), episode.or_else):
            wanted = f"{episode.decision} ({episode.reason})"
            yield f"{name} ({episode.shows}) was to be {wanted}, but is {answer[0]} ({answer[1]})."


def _of_cases(account: Account) -> Iterator[str]:
    found = {case.key.place.rpartition("/")[2]: case for case in account.cases}
    for ending in ENDINGS:
        case = found.pop(ending.place, None)
        if case is None and not ending.certain:
            continue
        if case is None:
            yield f"{ending.place} ({ending.shows}) has no case."
        elif case.outcome != ending.outcome or case.reason != ending.stopped:
            wanted, found_as = ending.stopped or ending.outcome, case.reason or case.outcome or case.state
            yield f"The case of {ending.place} was to end as {wanted}, but is {found_as}."
        elif case.round != ending.rounds:
            yield f"The case of {ending.place} was to take {ending.rounds} rounds, but took {case.round}."
    yield from (f"Nobody expected a case of {case.key.place}." for case in found.values())


def _of_tasks(account: Account) -> Iterator[str]:
    wanted = Counter(ending.place for ending in ENDINGS if ending.task)
    opened = Counter(task.scope.rpartition("/")[2].lower() for task in account.tasks)
    for place in sorted(set(wanted | opened)):
        if wanted[place] != opened[place]:
            yield f"{wanted[place]} tasks were to be opened at {place}, but {opened[place]} were."


def _of_traces(account: Account) -> Iterator[str]:
    wanted = sum(ending.task for ending in ENDINGS) + sum(ending.outcome == "observed" for ending in ENDINGS)
    roots = len(account.of_kind(SpanName.ROUND))
    if roots != wanted:
        yield f"{wanted} traces of rounds were to be told, but {roots} were."
