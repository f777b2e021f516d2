from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from responder.core.resource_id import resource_id
from responder.core.rule_settings import Bounds
from responder.core.waits import Ahead, waits
from responder.core.window import Window
from tests.core.builders import GROUP, SETTINGS, vault

KV = resource_id(vault("kv1"))
NIGHT = Window("night", (1, 3), time(22), time(4), "Europe/Zurich")
OPENED = Ahead(False, Bounds(), datetime(2026, 11, 24, 12, tzinfo=UTC))


def test_a_resource_waits_for_its_news_its_states_and_its_verification() -> None:
    told = waits(KV, SETTINGS, timedelta(0), OPENED)

    assert told[0] == "more news of this resource: PT2M after the latest and PT15M at most"
    assert any("PT20M to P1D" in wait for wait in told)
    assert told[-1].endswith("within PT1H of that end")


def test_azures_own_attempt_is_waited_for_first() -> None:
    assert waits(KV, SETTINGS, timedelta(minutes=10), OPENED)[0] == "Azure's own attempt: PT10M after the scan"


def test_a_group_says_when_one_task_serves_all_and_a_group_as_a_subject_stands_alone() -> None:
    grouped = replace(SETTINGS, gather_by="resourceGroup")

    assert any("one task for all" in wait for wait in waits(KV, grouped, timedelta(0), OPENED))
    assert not any("one task for all" in wait for wait in waits(resource_id(GROUP), grouped, timedelta(0), OPENED))


def test_what_is_only_observed_waits_for_no_task() -> None:
    told = waits(KV, SETTINGS, timedelta(0), None)

    assert not any("pause switch" in wait or "new word" in wait for wait in told)


def test_somebodys_approval_comes_before_the_window_and_the_window_before_the_limits() -> None:
    settings = replace(SETTINGS, ask_for=timedelta(days=3), during=NIGHT)

    told = waits(KV, settings, timedelta(0), replace(OPENED, asks=True, limits=Bounds(3, 2, 40)))

    assert told[2].startswith("somebody's approval: asked for P3D")
    assert told[3].endswith("is closed; it opens on Tue 2026-11-24 22:00 Europe/Zurich (21:00 UTC)")
    assert told[4].startswith("room within the limits: 3 tasks at a time, 2 of one definition, 40 resources an hour")


def test_the_attempts_are_told_with_their_waits() -> None:
    once, often = replace(SETTINGS, retry_attempts=1), replace(SETTINGS, retry_attempts=8)

    assert any("there is one attempt" in wait for wait in waits(KV, once, timedelta(0), OPENED))
    assert any("3 attempts in all, after PT15M, PT30M" in wait for wait in waits(KV, SETTINGS, timedelta(0), OPENED))
    assert any(
        "8 attempts in all, after PT15M, PT30M, PT1H, PT2H, …" in wait
        for wait in waits(KV, often, timedelta(0), OPENED)
    )
