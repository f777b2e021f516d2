from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.breaker import BAD, Breaker, Round, closed, recorded
from responder.core.case import Word
from responder.core.outcome import Outcome
from tests.core.builders import DEFINITION, at

WORD = Word("ada", "the template is mended", at(9))


def a_round(number: int, outcome: Outcome = Outcome.FAILED, created_on: int = 7) -> Round:
    return Round("case1", number, created_on, outcome)


def after(rounds: Iterable[Round], breaker: Breaker | None = None, bad_rounds: int = 3) -> Breaker:
    breaker = breaker or Breaker(DEFINITION)
    for each in rounds:
        breaker = recorded(breaker, each, bad_rounds, at(each.number))
    return breaker


OPEN = after([a_round(1), a_round(2, Outcome.LOST), a_round(3, Outcome.INEFFECTIVE)])


def test_so_many_bad_rounds_in_a_row_open_it_and_one_less_does_not() -> None:
    assert OPEN.opened_at == at(3)
    assert after([a_round(1), a_round(2)]).opened_at is None


def test_an_open_breaker_says_since_when_what_was_bad_and_what_closes_it() -> None:
    why = OPEN.why_open

    assert why is not None
    assert "open since 2026-11-20T12:03:00.0000000Z: 3 bad rounds in a row" in why
    assert "case1 failed, case1 lost, case1 ineffective" in why
    assert f"`python -m responder resume --definition {DEFINITION} --reason TEXT`" in why


def test_a_verified_round_begins_the_count_anew() -> None:
    breaker = after([a_round(1), a_round(2), a_round(3, Outcome.VERIFIED), a_round(4), a_round(5)])

    assert (breaker.in_a_row, breaker.opened_at) == (2, None)


@pytest.mark.parametrize("outcome", [each for each in Outcome if each not in BAD and each is not Outcome.VERIFIED])
def test_any_other_outcome_changes_nothing(outcome: Outcome) -> None:
    breaker = after([a_round(1)])

    assert recorded(breaker, a_round(2, outcome), 3, at(2)) is breaker


def test_a_round_counts_once_however_often_and_under_whatever_word_it_is_told() -> None:
    once = after([a_round(1, Outcome.PARTLY_FAILED)])

    assert recorded(once, a_round(1, Outcome.PARTLY_FAILED), 3, at(2)) is once
    assert recorded(once, a_round(1, Outcome.INEFFECTIVE), 3, at(2)) is once
    assert recorded(once, a_round(1, created_on=8), 3, at(2)).in_a_row == 2


def test_good_news_does_not_close_an_open_breaker() -> None:
    still = recorded(OPEN, a_round(4, Outcome.VERIFIED), 3, at(4))

    assert (still.opened_at, still.in_a_row) == (at(3), 3)


def test_a_person_closes_it_and_what_was_told_before_does_not_count_again() -> None:
    mended = closed(OPEN, WORD)

    assert (mended.why_open, mended.in_a_row, mended.closed) == (None, 0, WORD)
    assert recorded(mended, a_round(3, Outcome.INEFFECTIVE), 3, at(10)) is mended


def test_it_opens_again_after_as_many_bad_rounds_as_before() -> None:
    again = after([a_round(4), a_round(5), a_round(6)], closed(OPEN, WORD))

    assert again.opened_at == at(6)


def test_it_stays_small_however_long_it_lives() -> None:
    breaker = after([a_round(number) for number in range(1000)])

    assert (len(breaker.bad), len(breaker.told)) == (10, 300)


def test_a_round_that_is_told_again_after_all_others_that_can_run_beside_it_does_not_count_twice() -> None:
    rounds = [a_round(number) for number in range(100)]

    once = after(rounds)

    assert after(rounds, once).in_a_row == once.in_a_row


@given(st.lists(st.tuples(st.integers(1, 12), st.sampled_from([*BAD, Outcome.VERIFIED])), max_size=40))
def test_repeats_never_open_it_earlier(told: list[tuple[int, Outcome]]) -> None:
    rounds = [a_round(number, outcome) for number, outcome in told]

    once = after(rounds)
    twice = after([each for each in rounds for _ in range(2)])

    assert once == twice
