"""Outcome events on their way out: written down before the case moves, published after it, dropped when too old.

Nothing here holds the work back. A topic that is away costs an invocation at most ten seconds, and then nothing for a
while: what was not published waits in its table, and the sweep tries it again. Where no topic is set, nothing happens.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from responder.adapters.case_rows import BadRow, NewerRow
from responder.adapters.restraint import TROUBLE, trouble_in_words
from responder.core.case import Case
from responder.core.outcome import Outcome
from responder.core.outcome_event import TOO_OLD, Standing, event_of, standing
from responder.core.seen import Seen
from responder.wiring import Outcomes, Parts

if TYPE_CHECKING:
    from responder.adapters.outcome_rows import Kept

_log = logging.getLogger("responder")


async def written_down(
    before: Case, what: Seen | None, ended: Outcome | None, after: Case, parts: Parts
) -> "Kept | None":
    """What the step is told as, in the table: to be called before the case is written. `None` where nobody is told."""
    if parts.outcomes is None:
        return None
    event = event_of(before, what, ended, after)
    return await parts.outcomes.rows.keep(event, parts.clock()) if event else None


async def published_soon(kept: "Kept | None", parts: Parts) -> None:
    """Publish what a step came to, once its case is written. Whatever goes wrong, the sweep tries again."""
    if kept is None or parts.outcomes is None or parts.outcomes.topic.rests(parts.clock()):
        return
    try:
        await publish(await happened((kept,), parts.outcomes, parts), parts.outcomes, parts)
    except TROUBLE as error:
        why = trouble_in_words(error, "publish an outcome event")
        _log.warning("an outcome event of case %s waits for the sweep: %s", kept.event.case, why)


async def happened(waiting: Sequence["Kept"], outcomes: Outcomes, parts: Parts) -> list["Kept"]:
    """Those whose cases have moved as they tell; what never happened, or is too old, is dropped."""
    ready: list[Kept] = []
    for kept in waiting:
        match await _standing(kept, parts):
            case Standing.NEVER:
                await outcomes.rows.forget(kept)
            case Standing.HAPPENED if parts.clock() - kept.since <= TOO_OLD:
                ready.append(kept)
            case Standing.OPEN if parts.clock() - kept.since <= TOO_OLD:
                continue
            case _:
                await _dropped(kept, outcomes, parts)
    return ready


async def _standing(kept: "Kept", parts: Parts) -> Standing:
    try:
        return standing(kept.event, await parts.ledger.case(kept.event.case))
    except (NewerRow, BadRow):
        return Standing.OPEN  # nobody can tell yet


async def _dropped(kept: "Kept", outcomes: Outcomes, parts: Parts) -> None:
    await outcomes.rows.forget(kept)
    parts.telemetry.count_outcome_event(kept.event.type, "failed")
    _log.error(
        "the outcome event %s of case %s could not be published within a day and is dropped: %s",
        kept.event.id,
        kept.event.case,
        kept.event.type,
    )


async def publish(ready: Sequence["Kept"], outcomes: Outcomes, parts: Parts) -> str:
    """Publish these together, one by one where some of them are at fault; why some were not, or nothing."""
    from responder.adapters.outcome_topic import NotPublished

    if not ready:
        return ""
    try:
        await outcomes.topic.publish([kept.event for kept in ready], parts.clock())
    except NotPublished as error:
        if error.theirs and len(ready) > 1:
            return await _one_by_one(ready, outcomes, parts)
        return _failed(ready, str(error), parts)
    for kept in ready:
        parts.telemetry.count_outcome_event(kept.event.type, "done")
        await outcomes.rows.forget(kept)
    return ""


async def _one_by_one(ready: Sequence["Kept"], outcomes: Outcomes, parts: Parts) -> str:
    said: list[str] = []
    for kept in ready:
        if outcomes.topic.rests(parts.clock()):
            break
        said.append(await publish((kept,), outcomes, parts))
    if all(said):  # it is not these events after all
        outcomes.topic.let_rest(parts.clock())
    return next((why for why in said if why), "")


def _failed(ready: Sequence["Kept"], why: str, parts: Parts) -> str:
    for kept in ready:
        parts.telemetry.count_outcome_event(kept.event.type, "failed")
    _log.warning(
        "%d outcome events are still to be published, first of case %s: %s", len(ready), ready[0].event.case, why
    )
    return why
