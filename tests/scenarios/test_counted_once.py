"""A round is counted once it is written, once, however it ended and however often its last step was taken."""

from responder.core.case import State
from responder.core.outcome import Outcome
from tests.scenarios.interleaving import Mood
from tests.scenarios.one_case import App


def counted(app: App) -> list[str]:
    """Every round that is counted from now on, by its outcome."""
    outcomes: list[str] = []
    app.parts.telemetry.count_round = outcomes.append  # type: ignore[method-assign, assignment]
    return outcomes


async def test_a_round_whose_last_step_is_taken_again_for_newer_news_counts_once() -> None:
    app, told = App(2), [False]
    outcomes = counted(app)
    await app.hears(0)

    async def news_in_between(what: str) -> Mood | None:
        if what == "flush the trace" and not told[0]:
            told[0] = True
            await app.hears(1)
        return None

    app.hooks.append(news_in_between)
    await app.passes(4, step=0.25)

    assert told == [True]
    assert outcomes == [Outcome.REMEDIATED]


async def test_a_round_with_nothing_left_to_do_is_counted() -> None:
    app = App()
    outcomes = counted(app)
    await app.hears()

    await app.hears(compliant=True)
    await app.passes(5)

    assert app.case.state is State.CLOSED
    assert outcomes == [Outcome.WITHDRAWN]


async def test_many_good_news_while_a_round_is_verified_are_answered_together() -> None:
    app = App(8)
    for number in range(8):
        await app.hears(number)
    await app.reaches(State.VERIFYING)
    asked, listed = app.asked("GET"), app.asked("list responderresources")

    for number in range(7):
        await app.passes(1 / 30, step=1 / 30)
        await app.hears(number, compliant=True)
        await app.works()

    assert app.asked("GET") - asked == 0
    assert app.asked("list responderresources") - listed <= 2
