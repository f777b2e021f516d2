"""The protocol of the ledger under any interleaving, duplication, order, crash and fault that Hypothesis can think of.

No non-compliant resource is lost, no two tasks run for one case, and nothing that a rule forbids lies in an opened
task's scope: `promises` says what is checked. `HYPOTHESIS_PROFILE=long` looks longer and elsewhere each time.
"""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.adapters.ledger import Ledger
from tests.scenarios.schedule import Move, play
from tests.scenarios.schedules import LONG, SEARCH, Estate, a_schedule, an_estate
from tests.scenarios.stand_ins import WritesTogether


@pytest.mark.timeout(0 if LONG else 300)
@SEARCH
@given(estate=an_estate(), moves=a_schedule(), ledger=st.sampled_from([Ledger, WritesTogether]))
def test_nothing_is_lost_doubled_or_touched_that_must_not_be(
    estate: Estate, moves: Sequence[Move], ledger: type[Ledger]
) -> None:
    play(estate.world(), moves, ledger)
