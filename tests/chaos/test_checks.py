"""Each check finds what it is for, in a log that is made up, and nothing in one that is in order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from responder.core import instant
from tests.chaos.checks import CHECKS
from tests.chaos.evidence import Call, Event, Evidence, Known, Opened, Pause, Root
from tests.chaos.places import POLICIES, SUBSCRIPTIONS, Vault
from tests.chaos.size import SHORT, Shape

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
GROUP = f"/subscriptions/{SUBSCRIPTIONS[0]}/resourcegroups/rg-whole-0"
SCAN = instant.of(START)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_vault(name: str = "kv-0", wanted: bool = True) -> Vault:
    return Vault(f"{GROUP}/providers/microsoft.keyvault/vaults/{name}", 0, Shape.WHOLE, wanted)


def a_task(name: str = "responder-a-1", begin: float = 10, end: float | None = 12, **changes: object) -> Opened:
    created, ended = at(begin), None if end is None else at(end)
    task = Opened(name, a_vault().id, *POLICIES[0], count=1, created=created, ended=ended, deployed=(a_vault().id,))
    return replace(task, **changes)  # type: ignore[arg-type]


def a_call(seconds: float, client: str = "host-0", **changes: object) -> Call:
    path = f"{GROUP}/providers/microsoft.policyinsights/remediations/responder-a-1"
    call = Call(client, "GET", path, SUBSCRIPTIONS[0], at(seconds), 200, at(seconds + 0.1))
    return replace(call, **changes)  # type: ignore[arg-type]


def a_wait(seconds: float = 10, asked: float = 7) -> Call:
    return a_call(seconds, status=429, answered=at(seconds), retry_after=asked)


def a_run(**changes: object) -> Evidence:
    """A run in which all went well."""
    run = Evidence(
        size=SHORT,
        vaults=(a_vault(),),
        events=(Event("E1", a_vault().id, SCAN, True),),
        decided=frozenset({"E1"}),
        tasks=(a_task(),),
        calls=(a_call(10), a_call(11)),
        roots=(Root("a", 1, "responder-a-1", "s1"), Root("a", 1, "responder-a-1", "s1")),
        known=((a_vault().id, Known(SCAN, False)),),
    )
    return replace(run, **changes)  # type: ignore[arg-type]


def found(run: Evidence) -> dict[str, int]:
    """How many each check found, where it found any."""
    return {name: count for name, check in CHECKS.items() if (count := len(check(run)))}


def test_a_run_in_which_all_went_well_has_nothing_to_find() -> None:
    assert found(a_run()) == {}


def test_an_event_of_which_nothing_was_told_is_lost() -> None:
    assert found(a_run(decided=frozenset())) == {"lost": 1}


@pytest.mark.parametrize("known", [(), ((a_vault().id, Known(SCAN - 1, False)),)])
def test_news_that_the_ledger_does_not_know_is_lost(known: object) -> None:
    assert found(a_run(known=known)) == {"lost": 1}


def test_a_case_that_never_ends_is_lost() -> None:
    assert found(a_run(unfinished=("c1 (held, paused)",))) == {"lost": 1}


def test_a_task_that_is_created_twice_under_its_name_is_doubled() -> None:
    assert found(a_run(tasks=(a_task(), a_task(begin=20, end=22)))) == {"doubled": 1}


def test_two_tasks_of_one_case_at_the_same_time_are_doubled() -> None:
    elsewhere = a_task("responder-a-2", 11, 13, scope=a_vault("kv-1").id)
    roots = (*a_run().roots, Root("a", 2, "responder-a-2", "s2"))

    assert found(a_run(tasks=(a_task(), elsewhere), roots=roots)) == {"doubled": 1}


@pytest.mark.parametrize(("begin", "overlapping"), [(11, {"overlapping": 1}), (12, {}), (13, {})])
def test_tasks_whose_scopes_overlap_must_not_run_at_the_same_time(begin: float, overlapping: dict[str, int]) -> None:
    wide = a_task("responder-b-1", begin, 15, scope=GROUP)
    roots = (*a_run().roots, Root("b", 1, "responder-b-1", "s2"))

    assert found(a_run(tasks=(a_task(), wide), roots=roots)) == overlapping


@pytest.mark.parametrize(("definitions", "over"), [(1, SHORT.per_definition), (2, SHORT.running)])
def test_more_tasks_at_a_time_than_a_limit_says_are_found(definitions: int, over: int) -> None:
    names = [f"responder-{number}-1" for number in range(over + 1)]
    tasks = [
        a_task(name, 10 + number / 100, 20, scope=a_vault(name).id, definition=POLICIES[number % definitions][1])
        for number, name in enumerate(names)
    ]
    roots = [Root(name, 1, name, name) for name in names]

    assert found(a_run(tasks=tuple(tasks), roots=tuple(roots))) == {"over a limit": 1}


@pytest.mark.parametrize(("paused", "late"), [(5, {"opened while paused": 1}), (7, {})])
def test_a_task_that_is_created_while_all_is_paused_is_found(paused: float, late: dict[str, int]) -> None:
    assert found(a_run(pauses=(Pause(at(paused), at(11)),))) == late


def test_a_task_whose_scope_reaches_what_must_not_be_touched_is_found() -> None:
    run = a_run(vaults=(a_vault(), a_vault("ignored-1", wanted=False)), tasks=(a_task(scope=GROUP),))

    assert found(run) == {"opened on a forbidden resource": 1}


@pytest.mark.parametrize(
    ("call", "early"),
    [
        (a_call(12), 1),
        (a_call(10.8), 0),  # it was under way when the answer came
        (a_call(17), 0),
        (a_call(12, "host-1"), 0),  # it is at a step that began before it could know
        (a_call(15, "host-1"), 1),
        (a_call(15, "host-1", subscription=SUBSCRIPTIONS[1]), 0),
    ],
)
def test_a_call_that_comes_before_retry_after_is_over_is_found(call: Call, early: int) -> None:
    assert found(a_run(calls=(a_wait(), call))).get("Retry-After broken", 0) == early


def test_what_a_host_was_told_right_before_it_died_binds_nobody() -> None:
    calls = (a_wait(), a_call(15, "host-1"))

    assert found(a_run(calls=calls, deaths=(("host-0", at(11)),))) == {}
    assert found(a_run(calls=calls, deaths=(("host-0", at(13)),))) == {"Retry-After broken": 1}


@pytest.mark.parametrize(
    ("tasks", "given_up", "left"),
    [
        ((a_task(),), True, {"resources left uncovered": 1}),
        ((a_task(), a_task("responder-a-2", 20, 22)), False, {"resources left uncovered": 1}),
        ((a_task(), a_task("responder-a-2", 20, 22)), True, {}),
    ],
)
def test_a_broken_resource_must_be_given_up_after_every_attempt(
    tasks: tuple[Opened, ...], given_up: bool, left: dict[str, int]
) -> None:
    roots = (*a_run().roots, Root("a", 2, "responder-a-2", "s2"))
    known = ((a_vault().id, Known(SCAN, given_up)),)

    assert found(a_run(tasks=tasks, roots=roots, known=known, broken=frozenset({a_vault().id}))) == left


def test_a_task_without_a_root_span_is_found() -> None:
    assert found(a_run(roots=())) == {"rounds without a trace": 1}


def test_a_round_that_is_told_under_two_ids_is_found() -> None:
    roots = (*a_run().roots, Root("a", 1, "responder-a-1", "another"))

    assert found(a_run(roots=roots)) == {"rounds without a trace": 1}
