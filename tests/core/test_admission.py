from datetime import timedelta

from responder.core import instant
from responder.core.admission import AHEAD, timely
from responder.core.policy_state import Rejection, RejectionReason
from tests.core.builders import START, a_change


def test_news_that_says_to_come_from_the_future_is_rejected_and_cannot_make_real_news_look_old() -> None:
    ahead = a_change(scan=instant.of(START + AHEAD + timedelta(seconds=1)))

    answer = timely(ahead, START)

    assert isinstance(answer, Rejection)
    assert answer.reason is RejectionReason.BAD_TIME


def test_clocks_may_differ_a_little() -> None:
    ahead = a_change(scan=instant.of(START + timedelta(minutes=5)))

    assert timely(ahead, START) is ahead
