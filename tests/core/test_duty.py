"""What needs a person, and what does not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from responder.core.backfill_cycle import STOPPED
from responder.core.breaker import Breaker
from responder.core.census import Census
from responder.core.duty import Duty, PoisonWaiting, Want, ago, needs
from responder.core.progress import Progress
from tests.core.builders import START, at

SWEPT = Progress("cases", at(-1), "No case stood still.")
WELL = Duty(
    now=START,
    census=Census({("running", ""): 3, ("held", "waiting-for-slot"): 9}, oldest_due=at(-1)),
    poison=(PoisonWaiting("responder-events", 0, {}),),
    sweep=(SWEPT, Progress("backfill", at(-300), "nothing")),
    throttled=(("sub", at(1), "429"),),
)


def wants(duty: Duty) -> list[Want]:
    return [need.want for need in needs(duty)]


def test_an_app_that_works_waits_and_is_throttled_needs_nobody() -> None:
    assert wants(WELL) == []


TROUBLES: dict[Want, Callable[[Duty], Duty]] = {
    Want.UNREADABLE: lambda duty: replace(duty, unreadable=("The slots could not be read.",)),
    Want.SWEEP_SILENT: lambda duty: replace(duty, sweep=(replace(SWEPT, at=at(-11)),)),
    Want.OVERDUE: lambda duty: replace(duty, census=Census({}, oldest_due=at(-11))),
    Want.CANCEL_FAILED: lambda duty: replace(duty, uncanceled=("3f9c2a71aa11",)),
    Want.SWEEP_FAILED: lambda duty: replace(duty, sweep=(SWEPT, Progress("backfill", at(-1), "failed: OSError"))),
    Want.EVENTS_STOPPED: lambda duty: replace(duty, sweep=(SWEPT, Progress("backfill", at(-1), f"{STOPPED}; 3"))),
    Want.PAUSED: lambda duty: replace(duty, paused=("Paused by somebody.",)),
    Want.BREAKER: lambda duty: replace(duty, breakers=(Breaker("d1", 5, opened_at=at(-3)),)),
    Want.STOPPED: lambda duty: replace(duty, census=Census({("stopped", "refused"): 2, ("stopped", "given-up"): 1})),
    Want.APPROVAL: lambda duty: replace(duty, census=Census({("held", "waiting-for-approval"): 1})),
    Want.DEAD_LETTERS: lambda duty: replace(duty, dead_letters=1),
    Want.OUTCOMES: lambda duty: replace(duty, untold=(at(-1), at(-11))),
    Want.POISON: lambda duty: replace(duty, poison=(PoisonWaiting("responder-cases", 2, {"bad-ticket": 2}),)),
}


@pytest.mark.parametrize("want", list(Want))
def test_whatever_is_wrong_is_told_with_what_to_do(want: Want) -> None:
    (need,) = needs(TROUBLES[want](WELL))

    assert need.want is want
    assert need.because.endswith((".", ")"))
    assert need.do


def test_the_gravest_comes_first() -> None:
    worst = WELL
    for trouble in (Want.POISON, Want.STOPPED, Want.PAUSED, Want.SWEEP_FAILED, Want.UNREADABLE):
        worst = TROUBLES[trouble](worst)

    assert wants(worst) == [Want.UNREADABLE, Want.SWEEP_FAILED, Want.PAUSED, Want.STOPPED, Want.POISON]


def test_a_sweep_that_runs_once_an_hour_is_not_silent_in_between() -> None:
    hourly = replace(WELL, sweep=(replace(SWEPT, at=at(-59)),), sweep_gap=timedelta(hours=1))

    assert wants(hourly) == []
    assert wants(replace(hourly, now=at(60 * 5))) == [Want.SWEEP_SILENT, Want.OVERDUE]


def test_an_app_that_never_swept_is_said_so() -> None:
    (need,) = needs(replace(WELL, sweep=()))

    assert "None has run yet" in need.because


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=90), "90 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=30), "30 h"),
        (timedelta(3), "3 days"),
    ],
)
def test_lengths_are_told_as_people_say_them(length: timedelta, words: str) -> None:
    assert ago(length) == words


def test_an_app_that_began_a_moment_ago_is_not_called_silent() -> None:
    fresh = replace(WELL, sweep=(), began=at(-9))

    assert wants(fresh) == []
    assert wants(replace(fresh, now=at(2))) == [Want.SWEEP_SILENT]
