"""Azure refuses, throttles, breaks off or is slow, and the app makes of it what it says it does."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from responder.core import instant
from responder.core.case import Case, State
from tests.core.builders import ASSIGNMENT, SUBSCRIPTION
from tests.scenarios.one_app import App, Policy, event_of, group, one_app, seconds_between

pytestmark = pytest.mark.asyncio(loop_scope="module")

_TASKS = "/providers/Microsoft.PolicyInsights/remediations"
_TASK, _STATES = "/remediations/responder-", "/queryResults"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    async with one_app(tmp_path_factory.mktemp("refusals")) as app:
        yield app


@pytest_asyncio.fixture(loop_scope="module")
async def app(running: App) -> AsyncIterator[App]:
    yield running
    await running.in_order_again()


async def outcome_and_tasks(app: App, name: str) -> tuple[str, int]:
    case = await app.over(name)
    return str(case.outcome), len(await app.tasks(name))


# Refused ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "tries"),
    [(401, "InvalidAuthenticationToken", 2), (403, "AuthorizationFailed", 2), (400, "BadRequest", 1)],
)
async def test_a_task_that_azure_refuses_stops_the_case_with_the_words_of_the_service(
    app: App, status: int, code: str, tries: int
) -> None:
    """What a person can mend (401, 403) is tried as often as `retry` says, a bad request once."""
    name = f"refused-{status}"
    await app.spoil(name, "PUT", _TASK, status=status, code=code, message="Not for you.", times=None)

    await app.breaks_and_tells(name)
    case = await app.over(name)

    assert (case.state, case.reason, case.refusals) == (State.STOPPED, "refused", tries if tries > 1 else 0)
    assert f"HTTP {status}, {code} Not for you." in case.because
    assert await app.tasks(name) == []


async def test_a_refusal_that_was_mended_meanwhile_is_forgotten(app: App) -> None:
    await app.spoil("mended", "PUT", _TASK, status=403, code="AuthorizationFailed", message="Not for you.")

    await app.breaks_and_tells("mended")
    case = await app.over("mended")

    assert (case.state, case.outcome, case.refusals) == (State.CLOSED, "verified", 0)


# Throttled and broken off -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "method", "path"), [("query", "POST", _STATES), ("look", "GET", _TASK), ("opening", "PUT", _TASK)]
)
async def test_a_throttled_call_is_not_repeated_before_the_service_allows_it(
    app: App, call: str, method: str, path: str
) -> None:
    name = f"throttled-{call}"
    await app.spoil(name, method, path, status=429, code="TooManyRequests", headers={"Retry-After": "3"})

    await app.breaks_and_tells(name)
    held = await app.held(name, "throttled")

    assert "TooManyRequests" in held.because
    assert await outcome_and_tasks(app, name) == ("verified", 1)
    requests = await app.requests(name)
    refused = next(number for number, request in enumerate(requests) if request["status"] == 429)
    assert seconds_between(requests[refused]["at"], requests[refused + 1]["at"]) >= 3


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "fault", [{"status": 503, "code": "ServiceUnavailable"}, {"reset": True}], ids=["503", "reset"]
)
async def test_a_put_whose_answer_is_lost_opens_one_task(app: App, fault: dict[str, object], when: str) -> None:
    name = f"put-{'reset' if 'reset' in fault else '503'}-{when}"
    await app.spoil(name, "PUT", _TASK, when=when, **fault)

    await app.breaks_and_tells(name)

    assert await outcome_and_tasks(app, name) == ("verified", 1)


async def test_reads_that_break_off_are_read_again(app: App) -> None:
    await app.spoil("reads", "POST", _STATES, reset=True)
    await app.spoil("reads", "GET", _TASK, status=500)
    await app.spoil("reads", "POST", "/listDeployments", reset=True)

    await app.breaks_and_tells("reads")

    assert await outcome_and_tasks(app, "reads") == ("verified", 1)


# Other people's tasks, and tasks that are late, gone, canceled or useless -------------------------------------------


async def test_a_foreign_task_in_the_way_is_waited_for_and_never_adopted(app: App) -> None:
    await app.breaks("foreign")
    await app.laptop.control("PUT", "dials", {"accepted": "PT4S"})
    elsewhere = {"policyAssignmentId": ASSIGNMENT, "filters": {"locations": ["northeurope"]}}
    await app.ask_azure("PUT", f"{group('foreign')}{_TASKS}/somebody-elses", {"properties": elsewhere})
    await app.in_order_again()

    assert await app.laptop.deliver(event_of("foreign")) == 202
    held = await app.held("foreign", "waiting-for-task")
    case = await app.over("foreign")
    theirs, ours = await app.tasks("foreign")

    assert "somebody-elses" in held.because
    assert (case.outcome, case.plan and case.plan.name) == ("verified", ours["name"])
    assert seconds_between(theirs["lastUpdatedOn"], ours["createdOn"]) >= 0


async def test_a_task_that_azure_does_not_show_yet_is_waited_for(app: App) -> None:
    await app.laptop.control("PUT", "dials", {"notVisibleFor": "PT3S"})

    await app.breaks_and_tells("invisible")
    await app.case("invisible", not_shown, "running and not shown")

    assert await outcome_and_tasks(app, "invisible") == ("verified", 1)


async def test_a_task_that_vanishes_while_it_runs_is_not_lost_at_once_and_not_opened_again(app: App) -> None:
    await app.breaks_and_tells("vanished", takes="PT60S")
    await app.case("vanished", lambda case: case.state is State.RUNNING, "running")
    await app.spoil("vanished", "GET", _TASK, status=404, code="RemediationNotFound", times=None)

    case = await app.case("vanished", lambda case: not_shown(case) and case.polls > 2, "looked for in vain")

    assert (case.state, case.outcome) == (State.RUNNING, None)
    assert len(await app.tasks("vanished")) == 1


async def test_a_task_that_somebody_cancels_ends_as_canceled(app: App) -> None:
    await app.breaks_and_tells("canceled", takes="PT60S")
    case = await app.case("canceled", lambda case: case.state is State.RUNNING, "running")
    assert case.plan is not None
    await app.ask_azure("POST", f"{case.plan.scope}{_TASKS}/{case.plan.name}/cancel")

    assert await outcome_and_tasks(app, "canceled") == ("canceled", 1)


async def test_a_remediation_that_changed_nothing_is_ineffective_and_not_tried_again_within_its_cooldown(
    app: App,
) -> None:
    await app.breaks_and_tells("useless", outcome="ineffective")
    first = await app.held("useless", "waiting-for-retry")
    [task] = await app.tasks("useless")

    later = instant.iso(instant.ticks(task["lastUpdatedOn"]) + instant.TICKS_PER_SECOND)
    assert await app.laptop.deliver(event_of("useless", scanned=later)) == 202
    looked = await app.case("useless", lambda case: not case.news and case.due == first.due, "held as long as before")

    assert "ineffective" in [moment.reason for moment in first.history]
    assert (looked.reason, len(await app.tasks("useless"))) == ("waiting-for-retry", 1)


# What cannot be known ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "code"), [(403, "AuthorizationFailed"), (404, "SubscriptionNotFound")])
async def test_policy_states_that_may_not_be_read_hold_the_case_until_they_may(
    app: App, status: int, code: str
) -> None:
    name = f"unreadable-{status}"
    await app.spoil(name, "POST", _STATES, status=status, code=code, times=2)

    await app.breaks_and_tells(name)
    held = await app.held(name, "facts-unreadable")

    assert code in held.because
    assert await outcome_and_tasks(app, name) == ("verified", 1)


async def test_an_assignment_that_is_gone_withdraws_its_case(app: App) -> None:
    gone = Policy(f"{SUBSCRIPTION}/providers/microsoft.authorization/policyassignments/gone")

    await app.breaks_and_tells("unassigned", gone)

    assert await outcome_and_tasks(app, "unassigned") == ("withdrawn", 0)
    assert "assignment-not-found" in (await app.over("unassigned")).because


def not_shown(case: Case) -> bool:
    return case.state is State.RUNNING and "does not show it yet" in case.because
