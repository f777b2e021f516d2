"""What somebody else mended is broken again, within the cooldown of a task that failed or did not last.

Azure Policy tells that once, and sends no more while the resource stays non-compliant.
"""

from responder.core.case import State
from responder.core.outcome import Outcome
from tests.scenarios.one_case import App

FAILED = (2, 0, 0, 0)  # what chance decides of one task: its result, how long it runs, when it shows, a scan after it
MENDED = (0, 0, 0, 0)


async def test_what_failed_was_mended_by_hand_and_is_broken_again_gets_its_task_after_the_cooldown() -> None:
    app = App(fates=FAILED)
    await app.hears()
    await app.reaches(State.HELD)
    await app.hears(compliant=True)
    await app.passes(20)
    assert app.case.outcome is Outcome.WITHDRAWN

    await app.hears()
    await app.passes(120, step=5)

    assert (len(app.world.tasks), app.case.outcome) == (2, Outcome.UNVERIFIED)


async def test_what_did_not_last_was_mended_by_hand_and_is_broken_again_gets_its_task_after_the_cooldown() -> None:
    app = App(fates=MENDED)
    await app.hears()
    await app.reaches(State.VERIFYING)
    for compliant in (False, True):
        await app.hears(compliant=compliant)
        await app.passes(5)

    await app.hears()
    await app.passes(120, step=5)

    assert (len(app.world.tasks), app.case.outcome) == (2, Outcome.UNVERIFIED)


async def test_what_is_released_after_somebody_mended_it_is_not_given_up_when_it_breaks_again() -> None:
    app = App(fates=FAILED * 3)
    await app.hears()
    await app.passes(90)
    stopped = next(case for case in app.cases() if case.state is State.STOPPED)
    await app.hears(compliant=True)

    await app.parts.ledger.release(stopped.id, "ada", "mended by hand", app.world.now)
    await app.passes(70)
    await app.hears()
    await app.passes(10)

    assert len(app.world.tasks) == 4
