"""The search can fail: each of four plausible mistakes in the protocol breaks a promise that it finds.

A mistake is looked for where it can do harm: few resources and short schedules, because whatever is delivered again
later heals what was lost.
"""

import pytest
from hypothesis import given

from responder.adapters.ledger import Ledger
from tests.scenarios.broken_ledgers import (
    AcknowledgesRepeatsUnread,
    ListsBeforeItClaims,
    PlansAgainAfterACrash,
    SilentUnlessClosed,
)
from tests.scenarios.personas import PERSONAS
from tests.scenarios.schedule import Move, play
from tests.scenarios.schedules import Estate, a_schedule_of, searching

PERSONA = {persona.name: persona for persona in PERSONAS}
ONE_AND_ONE = Estate(((PERSONA["together"], 0), (PERSONA["watched"], 0)), wrong=((0, 0), (0, 1)))
TWO_TOGETHER = Estate(((PERSONA["together"], 0), (PERSONA["together"], 0)), wrong=((0, 0),))
ALONE = Estate(((PERSONA["apart"], 0),), wrong=((0, 0),))
BEGUN, HEARD = Move("event", 0), Move("event", 1)
AT_ITS_WRITE, AT_ITS_PUT, WORKED = Move("message", 1), Move("message", 2), Move("message", 3)
A_STEP, TO_ITS_WRITE, TO_ITS_END = Move("step", 0, 0), Move("step", 0, 1), Move("step", 0, 3)
DEATH, SCANNED = Move("crash"), Move("scan", 1, 2)
RACES = (HEARD, BEGUN, AT_ITS_WRITE, TO_ITS_WRITE, TO_ITS_END)
DEATHS = (HEARD, WORKED, AT_ITS_PUT, A_STEP, DEATH, SCANNED)


@pytest.mark.parametrize(
    ("broken", "estate", "moves"),
    [
        pytest.param(ListsBeforeItClaims, ONE_AND_ONE, RACES, id="lists-before-it-claims"),
        pytest.param(SilentUnlessClosed, ONE_AND_ONE, RACES, id="silent-unless-closed"),
        pytest.param(PlansAgainAfterACrash, TWO_TOGETHER, DEATHS, id="plans-again-after-a-crash"),
        pytest.param(AcknowledgesRepeatsUnread, ALONE, (BEGUN, A_STEP, DEATH), id="acknowledges-repeats-unread"),
    ],
)
def test_a_mistake_in_the_protocol_is_found(broken: type[Ledger], estate: Estate, moves: tuple[Move, ...]) -> None:
    @searching(1500, shrink=False)
    @given(schedule=a_schedule_of(*moves))
    def search(schedule: list[Move]) -> None:
        play(estate.world(), schedule, broken)

    with pytest.raises(AssertionError):
        search()
