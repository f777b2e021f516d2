"""What Azure or a table goes on refusing comes to an end: no slot is kept, and no case asks, for ever."""

from datetime import timedelta

import pytest

from responder.adapters.arm_error import ArmError
from responder.adapters.case_rows import BadRow
from responder.core.case import Hold, State
from responder.core.outcome import Outcome
from tests.scenarios.interleaving import Mood
from tests.scenarios.one_case import App, no_task_is_shown, rules

LONG_TASK = (0, 3, 0)


async def unreadable(*_: object, **__: object) -> None:
    raise BadRow("Row x of table responderrestraint cannot be read")


async def test_a_round_ends_although_its_breaker_cannot_be_read(caplog: pytest.LogCaptureFixture) -> None:
    app = App(fates=(0, 0, 0, 2))
    app.parts.breakers.record = unreadable  # type: ignore[method-assign, assignment]
    await app.hears()

    await app.passes(30)

    assert not (await app.parts.slots.look()).holders
    assert app.case.state is not State.RUNNING
    assert "is not counted by its breaker" in caplog.text


async def test_a_round_ends_although_the_slots_cannot_be_read(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    await app.hears()
    await app.reaches(State.RUNNING)
    app.parts.slots.give_back = unreadable  # type: ignore[method-assign, assignment]

    await app.passes(60)

    assert app.case.outcome is Outcome.REMEDIATED
    assert "is not free yet" in caplog.text


@pytest.mark.parametrize("status_code", [(404, "SubscriptionNotFound"), (403, "AuthorizationFailed")])
async def test_a_task_that_azure_hides_for_a_day_after_its_time_is_lost(status_code: tuple[int, str]) -> None:
    app = App(fates=LONG_TASK)
    await app.hears()
    await app.reaches(State.RUNNING)
    no_task_is_shown(app, *status_code)

    await app.passes(60 * 24 * 3, step=60)

    lost = [moment for moment in app.case.history if "nobody knows how it ended" in moment.because]
    assert not (await app.parts.slots.look()).holders
    assert [moment.reason for moment in lost] == [Outcome.LOST]
    assert status_code[1] in lost[0].because


async def test_a_task_that_runs_for_days_is_not_lost_by_one_refusal() -> None:
    app = App()
    await app.hears()
    await app.reaches(State.RUNNING)
    app.world.tasks[0].ends += timedelta(days=5)
    await app.passes(60 * 24 * 4, step=60)
    shown = app.parts.insights.task

    no_task_is_shown(app)
    await app.passes(60, step=10)
    app.parts.insights.task = shown  # type: ignore[method-assign]
    await app.passes(60, step=10)

    assert app.case.state is State.RUNNING
    assert "runs longer than `task.timeout`" in app.case.because
    assert app.case.unread_since is None


async def test_states_that_are_refused_until_verify_at_most_leave_the_round_unverified() -> None:
    app = App()
    await app.hears()
    await app.reaches(State.VERIFYING)

    async def refused(*_: object) -> None:
        raise ArmError("reading the policy states of", "x", 403, "AuthorizationFailed", "no")

    app.parts.insights.states = refused  # type: ignore[method-assign, assignment]
    await app.passes(120, step=5)

    assert app.case.outcome is Outcome.UNVERIFIED
    assert "AuthorizationFailed" in app.case.because


async def test_a_task_that_may_exist_is_looked_for_although_azure_refuses_to_show_it() -> None:
    app = App(rules=rules(), fates=LONG_TASK)
    await app.hears()
    shown = app.parts.insights.task

    async def nobody_hears(what: str) -> Mood | None:
        if not what.startswith("PUT"):
            return None
        no_task_is_shown(app)
        return Mood.UNHEARD

    app.hooks.append(nobody_hears)
    await app.passes(60, step=1)
    waits = (app.case.state, app.case.reason, app.case.refusals)
    app.parts.insights.task = shown  # type: ignore[method-assign]
    await app.passes(30, step=1)

    assert waits == (State.HELD, Hold.THROTTLED, 0)
    assert (app.case.round, len(app.world.tasks)) == (1, 1)
    assert app.case.state not in (State.HELD, State.STOPPED)
