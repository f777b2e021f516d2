from datetime import timedelta

import pytest

from responder.adapters.arm_error import ArmError
from responder.adapters.patience import MOST_TRIES, Impatient, Patience


class Waits:
    """A clock that only notes how long it was to wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.told: list[str] = []

    async def sleep(self, wait: timedelta) -> None:
        self.seconds.append(wait.total_seconds())

    def patience(self) -> Patience:
        return Patience(self.told.append, self.sleep)


def an_error(status: int | None, seconds: float | None = None) -> ArmError:
    wait = timedelta(seconds=seconds) if seconds is not None else None
    return ArmError("reading the policy states of", "/subscriptions/x", status, "TooManyRequests", "slow down", wait)


async def test_it_waits_as_long_as_the_service_asks_and_says_so() -> None:
    waits = Waits()

    await waits.patience().after(an_error(429, 17), 1)

    assert (waits.seconds, waits.told) == ([17], ["waiting 17 s (HTTP 429)"])


async def test_without_a_word_from_the_service_each_wait_is_longer_up_to_a_minute() -> None:
    waits = Waits()

    for tries in range(1, MOST_TRIES):
        await waits.patience().after(an_error(None), tries)

    assert waits.seconds == [2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize(("error", "tries"), [(an_error(503), MOST_TRIES), (an_error(429, 1000), 1)])
async def test_patience_ends(error: ArmError, tries: int) -> None:
    waits = Waits()

    with pytest.raises(Impatient, match="try again"):
        await waits.patience().after(error, tries)

    assert waits.seconds == []


async def test_what_waiting_does_not_mend_is_raised_at_once() -> None:
    with pytest.raises(ArmError):
        await Waits().patience().after(an_error(403), 1)
