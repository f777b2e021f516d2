"""What is a change of the rules while two versions of them are at work."""

from datetime import timedelta
from itertools import pairwise

from responder.core.rollout import Versions, dealt_with, read, to_be_dealt_with, written
from tests.core.builders import START, at

LONG_AGO = START - timedelta(days=30)
OLD_ALONE: Versions = {"old": LONG_AGO}


def dealings(versions: Versions, minutes: range, *present: str) -> list[tuple[str, int]]:
    """Which rules are dealt with, and when, by hosts that tick with theirs every minute."""
    done = []
    for minute in minutes:
        for digest in present:
            if to_be_dealt_with(versions, digest, at(minute)):
                versions = dealt_with(versions, digest, at(minute))
                done.append((digest, minute))
    return done


def test_rules_that_never_change_are_dealt_with_once() -> None:
    assert dealings({}, range(300), "old") == [("old", 0)]


def test_a_change_is_dealt_with_at_once_and_once_more_an_hour_later() -> None:
    assert dealings(OLD_ALONE, range(300), "new") == [("new", 0), ("new", 60)]


def test_two_versions_beside_each_other_for_a_while_do_not_undo_each_other() -> None:
    beside = dealings(OLD_ALONE, range(40), "new", "old")
    versions = dealt_with(OLD_ALONE, "new", at(0))

    assert beside == [("new", 0)]
    assert dealings(versions, range(40, 300), "new") == [("new", 60)]


def test_two_versions_that_stay_beside_each_other_are_dealt_with_once_an_hour_at_most() -> None:
    done = dealings(OLD_ALONE, range(600), "new", "old")

    for digest in ("new", "old"):
        times = [minute for each, minute in done if each == digest]
        assert all(later - earlier >= 60 for earlier, later in pairwise(times))


def test_a_change_that_is_taken_back_is_dealt_with_within_the_hour() -> None:
    versions = dealt_with(OLD_ALONE, "new", at(0))

    assert dealings(versions, range(5, 300), "old") == [("old", 60)]


def test_versions_are_kept_between_ticks_and_the_single_digest_of_an_older_app_is_read() -> None:
    versions = dealt_with(OLD_ALONE, "new", at(3))

    assert read(written(versions)) == versions
    assert not to_be_dealt_with(read("old"), "old", at(0))
    assert to_be_dealt_with(read(""), "old", at(0))
