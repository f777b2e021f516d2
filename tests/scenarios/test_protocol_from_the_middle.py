"""The same search begun further on: where a task runs, where one waits to be verified, or where a case is held.

Begun at the first event, few schedules come that far with moves to spare: what Azure says in the hours after a task is
met here. `HYPOTHESIS_PROFILE=long` looks longer and elsewhere each time.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.case import State
from tests.scenarios.personas import PERSONAS
from tests.scenarios.schedule import Move, Run, play
from tests.scenarios.schedules import LONG, Estate, searching

_MENDED, _FAILED, _INEFFECTIVE = 0, 2, 3
_HALF_A_MINUTE, _TWO_MINUTES = 1, 2
_COMPLIANT, _WRONG = 1, 2
_OTHER = ("step", "message", "crash", "trouble", "person")
_SCAN = st.builds(Move, st.just("scan"), st.integers(0, 3), st.sampled_from((_COMPLIANT, _WRONG)))
_MOVE = st.one_of(
    _SCAN,
    _SCAN,
    st.builds(Move, st.just("event"), st.integers(0, 3), st.integers(0, 3)),
    st.builds(Move, st.sampled_from(_OTHER), st.integers(0, 3), st.integers(0, 3)),
    st.builds(Move, st.just("wait"), st.just(0), st.sampled_from((_HALF_A_MINUTE, _TWO_MINUTES))),
)
_ALONE = Estate(((PERSONAS[1], 0),), ((0, 0),))
_TOGETHER = Estate(((PERSONAS[0], 0), (PERSONAS[0], 0)), ((0, 0), (0, 1)))
_FAR = 300


def begun_where(state: State) -> type[Run]:
    """Schedules that begin where a case comes into a state, or where nothing is left to be done."""

    class Begun(Run):
        def play(self, moves: Sequence[Move]) -> None:
            """Let all go well until then."""
            for _ in range(_FAR):
                if any(case.state is state for case in self.stage.cases.cases()) or not self._move_on():
                    break
            super().play(moves)

    return Begun


@pytest.mark.timeout(0 if LONG else 300)
@pytest.mark.parametrize("state", [State.RUNNING, State.VERIFYING, State.HELD])
@searching(100, shrink=False)
@given(
    estate=st.sampled_from((_ALONE, _ALONE, _ALONE, _TOGETHER)),
    first=st.sampled_from((_MENDED, _FAILED, _FAILED, _INEFFECTIVE)),
    fates=st.lists(st.integers(0, 3), max_size=6),
    moves=st.one_of(st.lists(_MOVE, min_size=2, max_size=6), st.lists(_MOVE, min_size=6, max_size=20)),
)
def test_nothing_is_left_alone_whatever_azure_says_after_a_task(
    state: State, estate: Estate, first: int, fates: list[int], moves: list[Move]
) -> None:
    play(replace(estate, fates=(first, *fates)).world(), moves, make_run=begun_where(state))
