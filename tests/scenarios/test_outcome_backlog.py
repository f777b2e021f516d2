"""Many outcome events that wait: all are told in time, and none stands in front of another."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from responder.adapters import case_rows, outcome_rows
from responder.core.case import Case, State
from responder.core.outcome_event import stop_of
from responder.core.progress import Progress
from responder.jobs import outcomes as job
from tests.core.builders import a_case
from tests.core.outcome_builders import stopped
from tests.scenarios.memory_table import MemoryTable
from tests.scenarios.outcome_stage import Told, told

NEWER = 99
"""A version that this one leaves alone: nobody here can tell whether such a case has moved."""


def a_stopped_case(number: int) -> Case:
    opening = a_case(State.OPENING)
    return stopped(replace(opening, key=replace(opening.key, place=f"{opening.key.place}{number}")))


def wait(stage: Told, *cases: Case, version: int = case_rows.VERSION) -> None:
    """Events about these cases were written down and not published."""
    table = stage.app.parts.ledger._cases
    assert isinstance(table, MemoryTable)
    for case in cases:
        event = stop_of(case)
        assert event is not None
        stage.rows.put_at_once(outcome_rows.to_entity(event, stage.app.world.now))
        table.put_at_once({**case_rows.to_entity(case), "version": version})


async def tick(stage: Told, before: Progress) -> Progress:
    return await job.run(stage.app.parts, before, stage.app.world.now)


async def test_what_waited_for_a_day_is_told_in_one_tick_where_there_is_time() -> None:
    stage = told()
    wait(stage, *(a_stopped_case(number) for number in range(1000)))

    after = await tick(stage, Progress("outcomes"))

    assert len({event.id for event in stage.topic.published}) == 1000
    assert (stage.rows.entities(), after.cursor) == ([], "")


async def test_what_cannot_be_told_now_stands_in_nobodys_way() -> None:
    stage = told()
    cases = sorted((a_stopped_case(number) for number in range(2 * job.MOST_AT_ONCE)), key=lambda case: case.id)
    wait(stage, *cases[:-3], version=NEWER)
    wait(stage, *cases[-3:])

    await tick(stage, Progress("outcomes"))

    assert {event.case for event in stage.topic.published} == {case.id for case in cases[-3:]}


async def test_the_next_tick_goes_on_where_the_last_one_had_no_time_left() -> None:
    stage = told()
    wait(stage, *(a_stopped_case(number) for number in range(3 * job.TOGETHER)))
    slow = replace(stage.app.parts, clock=_hurried(stage))

    first = await job.run(slow, Progress("outcomes"), stage.app.world.now)
    told_first = len(stage.topic.published)
    last = await tick(stage, first)

    assert (told_first, bool(first.cursor)) == (job.TOGETHER, True)
    assert (len(stage.topic.published), last.cursor) == (3 * job.TOGETHER, "")


async def test_a_topic_that_is_back_gets_what_it_refused_with_the_next_tick() -> None:
    stage = told()
    wait(stage, *(a_stopped_case(number) for number in range(3)))
    stage.topic.away = True
    refused = await tick(stage, Progress("outcomes"))

    stage.topic.away = False
    stage.topic.forgives()
    await tick(stage, refused)

    assert len(stage.topic.published) == 3


def _hurried(stage: Told) -> Callable[[], datetime]:
    """A clock that each publishing moves beyond the end of the tick."""
    return lambda: stage.app.world.now + (job.WITHIN if stage.topic.published else timedelta())
