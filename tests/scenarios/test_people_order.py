"""What people order while the app runs: pauses of a part, stops, approvals, and what was touched."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from responder.core.case import Case, State
from tests.commands.test_cases_and_show import run
from tests.core.builders import vault
from tests.scenarios.estates import RULES
from tests.scenarios.one_app import DIALS, App, group, one_app

pytestmark = pytest.mark.asyncio(loop_scope="module")

_RULES = RULES.replace(
    "rules:\n",
    """rules:
  - name: asked first
    because: Somebody must look at these.
    match: {resourceGroup: "rg-asked*"}
    action: ask
    askFor: P1D
  - name: the fragile ones
    match: {resourceGroup: "rg-fragile*"}
    action: remediate
""",
)
_SLOW = {**DIALS, "deployment": "PT40S"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    async with one_app(tmp_path_factory.mktemp("people"), _RULES) as app:
        yield app


@pytest_asyncio.fixture(loop_scope="module")
async def app(running: App) -> AsyncIterator[App]:
    yield running
    await running.in_order_again()


async def ordered(app: App, *words: str) -> Any:
    """An order that was taken; what it printed as JSON, where it did."""
    answer = await run(app.storage, *words)
    assert answer.returncode == 0, f"{answer.stdout}{answer.stderr}"
    return json.loads(answer.stdout) if "--json" in words else answer.stdout


async def runs(app: App, name: str) -> Case:
    return await app.case(name, lambda case: case.state is State.RUNNING, "running")


# Switches ----------------------------------------------------------------------------------------------------------


async def test_a_pause_of_one_rule_holds_its_cases_and_no_others(app: App) -> None:
    await ordered(app, "pause", "--rule", "the fragile ones", "--reason", "half of them fail")

    await app.breaks_and_tells("fragile")
    await app.breaks_and_tells("sturdy")
    held, other = await app.held("fragile", "paused"), await app.over("sturdy")

    assert "half of them fail" in held.because
    assert other.outcome == "verified"
    assert await app.tasks("fragile") == []
    await ordered(app, "resume", "--rule", "the fragile ones", "--reason", "mended")
    assert (await app.over("fragile")).outcome == "verified"


async def test_stop_cancels_the_task_that_runs_and_opens_no_other(app: App) -> None:
    await app.laptop.control("PUT", "dials", _SLOW)
    await app.breaks_and_tells("hurried")
    case = await runs(app, "hurried")

    canceled = await ordered(app, "stop", "--reason", "the template deletes settings", "--json")
    ended = await app.over("hurried")
    await app.breaks_and_tells("latecomer")
    await app.held("latecomer", "paused")

    assert [row["case"] for row in canceled] == [case.id]
    assert ended.outcome == "canceled"
    assert [task["state"] for task in await app.tasks("hurried")] == ["Canceled"]
    await ordered(app, "resume", "--reason", "the template is mended")


async def test_a_stop_of_one_assignment_leaves_the_tasks_of_others_alone(app: App) -> None:
    await app.laptop.control("PUT", "dials", {**DIALS, "deployment": "PT4S"})
    await app.breaks_and_tells("neighbour")
    await runs(app, "neighbour")

    other = f"{group('x').rpartition('/resourcegroups')[0]}/providers/microsoft.authorization/policyassignments/other"
    canceled = await ordered(app, "stop", "--assignment", other, "--reason", "x", "--json")

    assert canceled == []
    assert (await app.over("neighbour")).outcome == "verified"


async def test_a_canceled_case_is_left_alone_afterwards(app: App) -> None:
    await app.laptop.control("PUT", "dials", _SLOW)
    await app.breaks_and_tells("overload")
    case = await runs(app, "overload")

    await ordered(app, "cancel", case.id[:8], "--reason", "it overloads the workspace")

    ended = await app.over("overload")
    assert (ended.outcome, len(await app.tasks("overload"))) == ("canceled", 1)
    assert any("it overloads the workspace" in moment.because for moment in ended.history)


# Approvals ---------------------------------------------------------------------------------------------------------


async def test_a_plan_that_must_be_approved_is_opened_once_somebody_did(app: App) -> None:
    await app.breaks_and_tells("asked-first")
    held = await app.held("asked-first", "waiting-for-approval")
    before = await app.tasks("asked-first")
    assert held.plan is not None

    await ordered(app, "approve", held.id, "--plan", held.plan.approval[:12], "--reason", "change 4711")

    over = await app.over("asked-first")
    assert (before, over.outcome) == ([], "verified")
    assert [task["scope"].lower() for task in await app.tasks("asked-first")] == [held.plan.scope]
    assert any("Approved by" in moment.because and "change 4711" in moment.because for moment in over.history)


async def test_a_rejected_plan_is_never_opened_until_the_case_is_released_and_asks_again(app: App) -> None:
    await app.breaks_and_tells("asked-and-refused")
    held = await app.held("asked-and-refused", "waiting-for-approval")

    await ordered(app, "reject", held.id, "--reason", "not these")
    stopped = await app.over("asked-and-refused")
    await ordered(app, "release", held.id, "--reason", "after all")
    again = await app.held("asked-and-refused", "waiting-for-approval")

    assert (stopped.state, stopped.reason, stopped.outcome) == (State.STOPPED, "refused", "refused")
    assert again.round > held.round
    assert await app.tasks("asked-and-refused") == []


# What was touched --------------------------------------------------------------------------------------------------


async def test_changes_tell_every_resource_that_was_touched_and_how_it_came_out(app: App) -> None:
    await app.breaks_and_tells("touched")
    await app.breaks_and_tells("untouchable", outcome="fails")
    good, bad = await app.over("touched"), await app.case("untouchable", _failed_once, "failed once")

    told = await ordered(app, "changes", "--since", "PT2H", "--resource", "touch", "--json")

    found = {row["resource"]: (row["outcome"], row["verified"], row["status"]) for row in told}
    assert (good.outcome, bad.round >= 1) == ("verified", True)
    assert found[vault("touched", group("touched"))] == ("remediated", "verified", "Succeeded")
    assert found[vault("untouchable", group("untouchable"))] == ("failed", None, "Failed")


def _failed_once(case: Case) -> bool:
    return any(moment.reason == "failed" or "failed" in moment.because for moment in case.history)
