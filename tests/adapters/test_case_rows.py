"""Cases in rows and out again: what a rule says survives, a window with its zone and dates included."""

import hashlib
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from responder.adapters.case_rows import from_entity, to_entity
from responder.core.case import Kind, State
from responder.core.decision import decide
from responder.core.facts import Facts
from responder.core.neighbours import Around
from responder.core.plan import make_moves, make_plan
from responder.core.resource_id import resource_id
from responder.core.verdict import Finding, Verdict
from responder.core.window import Window
from tests.core.builders import GROUP, SETTINGS, START, a_case, a_change, a_row, a_state
from tests.core.test_confirm import ENFORCED, GROUPED, assigned


def test_a_case_keeps_its_rules_window_retry_and_approval() -> None:
    window = Window("night", (1, 3), time(22), time(4, 30), "Europe/Zurich", (date(2026, 12, 24),))
    settings = replace(
        SETTINGS,
        during=window,
        retry_attempts=5,
        retry_wait=timedelta(minutes=7),
        retry_factor=1.5,
        ask_for=timedelta(days=3),
    )

    kept = from_entity(to_entity(a_case(settings=settings)))

    assert kept.settings == settings


@pytest.mark.parametrize("letters", [30, 400])
def test_a_plan_or_a_hand_over_of_many_resources_fits_into_its_row_whatever_their_names(letters: int) -> None:
    names = [hashlib.sha512(str(number).encode()).hexdigest() * 4 for number in range(12_000)]
    verdicts = [Verdict(a_row(name[:letters], key=GROUPED), Finding.WANTED, "wanted") for name in names]
    decided = decide(a_change(), Facts.unknown(), ENFORCED)

    place = resource_id(GROUP)
    plan = make_plan(a_case(key=GROUPED), place, verdicts, Around(), decided, a_state(), assigned(), 2000, START)
    moves = make_moves(verdicts, Kind.RESOURCE)

    assert len(plan.resources) > 500
    assert len(moves) > 250
    to_entity(a_case(State.OPENING, key=GROUPED, plan=plan))
    to_entity(a_case(key=GROUPED, moves=moves))
