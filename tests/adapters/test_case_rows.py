"""Cases in rows and out again: what a rule says survives, a window with its zone and dates included."""

from dataclasses import replace
from datetime import date, time, timedelta

from responder.adapters.case_rows import from_entity, to_entity
from responder.core.window import Window
from tests.core.builders import SETTINGS, a_case


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
