"""What becomes of a plan, and of a request without an answer, when the world has moved on before its task is opened."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import case_due
from responder.adapters.arm_error import ArmError
from responder.core import orders
from responder.core.case import Hold, State, Word
from responder.core.outcome import Outcome
from responder.core.rules import Rules, read_rules
from tests.core.builders import START
from tests.scenarios.interleaving import Mood
from tests.scenarios.one_case import TEXT, App, Hook

SHORTLY = """windows:
  shortly: {days: [Mon, Tue, Wed, Thu, Fri, Sat, Sun], from: "12:00", to: "12:03", timeZone: UTC}
rules:
"""


async def paused_with_a_plan() -> App:
    app = App()
    app.world.paused = True
    await app.hears()
    await app.passes(4)
    assert app.case.reason == Hold.PAUSED
    return app


def the_first_request_is_not_answered(app: App, not_shown_for: timedelta = timedelta(0)) -> Hook:
    """A hook: Azure creates the first task, the connection breaks, and the task shows a while later."""
    sent = []

    async def hook(what: str) -> Mood | None:
        if what.startswith("PUT"):
            sent.append(app.world.now)
            return Mood.UNHEARD if len(sent) == 1 else None
        if what.startswith("GET") and sent and app.world.now < sent[0] + not_shown_for:
            app.world.tasks[0].visible = sent[0] + not_shown_for
        return None

    return hook


async def unheard() -> App:
    """A case whose task runs, and does not know it."""
    app = App(fates=(0, 3, 0, 0, 0))
    app.hooks.append(the_first_request_is_not_answered(app))
    await app.hears()
    while not app.world.tasks:
        await app.passes(0.1, 0.1)
    assert (app.case.state, app.case.reason) == (State.HELD, Hold.THROTTLED)
    return app


# The plan no longer stands -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deployed", "outcome"),
    [
        (TEXT.replace("mode: enforce", "mode: observe"), Outcome.OBSERVED),
        (TEXT.replace("action: remediate", "action: ignore"), Outcome.WITHDRAWN),
        (TEXT.replace("defaults:\n", 'except: ["/subscriptions/*/resourceGroups/*"]\ndefaults:\n'), Outcome.WITHDRAWN),
    ],
)
async def test_a_plan_that_the_rules_deployed_meanwhile_forbid_is_not_opened(deployed: str, outcome: Outcome) -> None:
    app = await paused_with_a_plan()

    app.parts, app.world.paused = replace(app.parts, rules=read_rules(deployed)), False
    await app.passes(5)

    assert app.world.tasks == []
    assert (app.case.state, app.case.outcome) == (State.CLOSED, outcome)


async def test_what_became_compliant_while_its_plan_was_held_is_not_remediated() -> None:
    app = await paused_with_a_plan()

    await app.hears(compliant=True)
    await app.passes(2)
    app.world.paused = False
    await app.passes(6)

    assert app.asked("PUT") == 0
    assert app.case.state is State.CLOSED


async def test_a_plan_is_opened_though_every_message_comes_eleven_minutes_late() -> None:
    app = App()
    await app.hears()

    for _ in range(2):  # one plans it, one opens it
        app.world.wait(app.world.now + timedelta(minutes=11))
        for message in app.stage.queue.visible(app.world.now):
            app.stage.queue.messages.remove(message)
            body = {"case": message.ticket.case, "ticket": message.ticket.ticket}
            await case_due.handle(json.dumps(body).encode(), app.parts)

    assert len(app.world.tasks) == 1
    assert app.asked("read the policy states") == 1


async def test_a_person_is_asked_about_the_plan_with_the_news_that_came_while_a_worker_had_the_case() -> None:
    asking = read_rules(TEXT.replace("action: remediate", "action: ask\n    askFor: P7D"))
    app = App(2, asking)
    told: list[str] = []
    await app.hears()
    await app.passes(10)

    async def between_claim_and_write(what: str) -> None:
        if what.startswith("replace in respondercases") and app.case.claim and not told:
            told.append(what)
            await app.hears(1)

    app.hooks.append(between_claim_and_write)
    assert app.case.due is not None
    app.world.wait(app.case.due + timedelta(seconds=1))
    await app.works()
    await app.passes(60, 5)

    assert told
    assert app.case.plan is not None
    assert len(app.case.plan.resources) == 2


# A task may run that nobody has seen yet ---------------------------------------------------------------------------


async def test_a_task_whose_opening_got_no_answer_is_canceled_when_a_person_says_so() -> None:
    app = await unheard()
    app.world.paused = True
    word = Word("anna", "incident", app.world.now)

    await app.parts.ledger.order(app.case.id, lambda case: orders.cancel(case, word), app.world.now)
    await app.works()

    assert (app.case.state, app.case.cancel) == (State.RUNNING, word)


async def test_a_case_whose_request_came_to_nothing_is_called_off_once_a_task_would_show() -> None:
    app = App()
    app.hooks.append(a_request_is_lost)
    await app.hears()
    await app.passes(3)
    word = Word("anna", "incident", app.world.now)

    await app.parts.ledger.order(app.case.id, lambda case: orders.cancel(case, word), app.world.now)
    await app.passes(1)
    soon = app.case
    await app.passes(9)

    assert (soon.state, soon.reason) == (State.HELD, Hold.THROTTLED)
    assert (app.case.state, app.case.outcome) == (State.CLOSED, Outcome.CANCELED)
    assert app.world.tasks == []


async def a_request_is_lost(what: str) -> Mood | None:
    """It never reaches Azure, and nobody knows."""
    if what.startswith("PUT"):
        raise ArmError("opening the task", what, None, "NoAnswer", "the connection broke")
    return None


def within_three_minutes() -> Rules:
    return read_rules(TEXT.replace("rules:\n", SHORTLY).replace("action:", "during: shortly\n    action:"))


async def test_a_task_that_shows_late_is_followed_though_its_window_has_shut() -> None:
    app = App(rules=within_three_minutes(), fates=(0, 0, 1, 0))
    app.hooks.append(the_first_request_is_not_answered(app, not_shown_for=timedelta(minutes=3)))
    app.world.wait(START + timedelta(minutes=1.5))

    await app.hears()
    await app.passes(30)

    assert len(app.world.tasks) == 1
    assert app.case.state is not State.HELD


async def test_a_request_that_came_to_nothing_is_forgotten_once_its_task_would_show() -> None:
    app = App()
    app.hooks.append(a_request_is_lost)
    await app.hears()
    await app.passes(3)
    before, app.world.paused = app.case.attempted_at, True

    await app.passes(20)

    assert before is not None
    assert (app.case.reason, app.case.attempted_at) == (Hold.PAUSED, None)
