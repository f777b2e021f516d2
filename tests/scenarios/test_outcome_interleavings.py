"""What is told is true and complete under any interleaving, crash and fault, in the manner of the protocol's search."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.adapters.outcome_rows import OUTCOMES, OutcomeRows
from responder.core.case import HISTORY_KEPT, Case, Moment, State
from responder.core.outcome_event import EventType, OutcomeEvent, left_open
from responder.core.progress import Progress
from responder.jobs import outcomes as job
from responder.wiring import Outcomes
from tests.scenarios.interleaving import Process, turn
from tests.scenarios.memory_table import MemoryTable
from tests.scenarios.outcome_stage import TopicInMemory
from tests.scenarios.personas import PERSONAS
from tests.scenarios.schedule import Move, Run, play
from tests.scenarios.schedules import LONG, Estate, searching
from tests.scenarios.stand_ins import Stage

_JOB = Progress("outcomes")
_MOVES = (*("step", "message") * 4, *("job", "crash", "scan") * 3, *("event", "wait", "sweep", "trouble") * 2)
_QUIET = ("withdrawn", "observed")


class ToldRun(Run):
    """A schedule in which somebody is told; the sweep's job runs beside everything else."""

    topic: TopicInMemory
    rows: MemoryTable

    def __init__(self, stage: Stage) -> None:
        self.rows, self.topic = MemoryTable(OUTCOMES, turn), TopicInMemory(turn, [])
        told = Outcomes(OutcomeRows(self.rows), self.topic)
        super().__init__(replace(stage, parts=replace(stage.parts, outcomes=told)))

    def play(self, moves: Sequence[Move]) -> None:
        """The search begins where a worker is about to write the first event down."""
        while not any(process.before == "insert into responderoutcomes" for process in self.processes):
            self._move_on()
        super().play(moves)

    def _job(self, which: int, how: int) -> None:
        """The sweep's job runs: one step of it, or all."""
        self._go_on(self._start("outcomes", self._publish()), how % 2 * 3)

    async def _publish(self) -> None:
        if job.is_due(_JOB, self.stage.parts, self.world.now):
            await job.run(self.stage.parts, _JOB, self.world.now)

    def come_to_rest(self) -> None:
        """Nothing is due any more, and nothing waits to be told."""
        super().come_to_rest()
        self.topic.forgives()
        Process("the last sweep", self._publish()).run()
        assert self.rows.entities() == [], "something is never told"
        for case in self.stage.cases.cases():
            told = [event for event in self.topic.published if event.case == case.id]
            if len(case.history) < HISTORY_KEPT:
                _true_and_complete(case, told)


def _true_and_complete(case: Case, told: Sequence[OutcomeEvent]) -> None:
    """Each end and stop of the history was told, as one event, and nothing else was."""
    ends = [event for event in told if event.type is not EventType.APPROVAL_REQUESTED]
    once = {event.id: (event.at, event.type) for event in ends}
    assert all(once[event.id] == (event.at, event.type) for event in ends), "one event was told in two ways"
    assert Counter(once.values()) == Counter(_to_be_told(case)), f"case {case.id} is told otherwise than it went"


def _to_be_told(case: Case) -> Iterator[tuple[datetime, EventType]]:
    for number, moment in enumerate(case.history):
        if moment.state is State.STOPPED:
            yield moment.at, EventType.STOPPED
        elif moment.state is State.CLOSED and _loud(case, number, moment):
            yield moment.at, EventType.CONCLUDED


def _loud(case: Case, number: int, moment: Moment) -> bool:
    return moment.reason not in _QUIET or left_open(replace(case, history=case.history[:number]))


_MOVE = st.builds(Move, st.sampled_from(_MOVES), st.integers(0, 3), st.integers(0, 3))
_ONE = Estate(((PERSONAS[1], 0),), ((0, 0),))


@pytest.mark.timeout(0 if LONG else 300)
@searching(150, shrink=False)
@given(fates=st.lists(st.integers(0, 3), max_size=8), moves=st.lists(_MOVE, min_size=10, max_size=40))
def test_every_end_is_told_and_nothing_that_never_came_true(fates: list[int], moves: list[Move]) -> None:
    play(replace(_ONE, fates=tuple(fates)).world(), moves, make_run=ToldRun)
