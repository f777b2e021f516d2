from datetime import timedelta

import pytest

from responder.core.resource_row import Leftover, Settle, Show, Tried, heard, unannounced, updated
from tests.core.builders import a_case, a_change, a_key, a_row, a_task, at, scan, vault


def test_news_of_a_stranger_makes_a_row_and_good_news_does_not() -> None:
    assert heard(None, a_change(), a_key(), at(1)) is not None
    assert heard(None, a_change(compliance="compliant"), a_key(), at(1)) is None
    assert heard(None, a_change(kind="Deleted"), a_key(), at(1)) is None


def test_an_event_never_changes_the_case_that_holds_a_resource() -> None:
    row = a_row(key=a_key(place=vault("kv1")))

    after = heard(row, a_change(minutes=5), a_key(place=vault("other")), at(6))

    assert after is not None
    assert after.key == row.key


@pytest.mark.parametrize(
    ("compliance", "minutes", "written"),
    [("noncompliant", 0, False), ("noncompliant", -1, False), ("compliant", 0, False), ("compliant", 1, True)],
)
def test_only_newer_news_is_written_and_on_a_tie_non_compliant_wins(
    compliance: str, minutes: float, written: bool
) -> None:
    after = heard(a_row(), a_change(minutes=minutes, compliance=compliance), a_key(), at(5))

    assert (after is not None) is written


def test_on_a_tie_non_compliant_wins_over_compliant() -> None:
    after = heard(a_row(compliance="compliant"), a_change(), a_key(), at(5))

    assert after is not None
    assert after.noncompliant


def test_a_tick_makes_news_newer() -> None:
    change = a_change()

    assert heard(a_row(), a_change(scan=change.scan + 1), a_key(), at(5)) is not None


def test_a_covered_resource_is_not_pending_until_a_newer_scan() -> None:
    row = updated(a_row(), Tried(vault("kv1"), a_task(), covered=True, cooldown=timedelta(0)))

    assert not row.pending
    assert row.covered(scan(1))
    assert not row.covered(scan(3))


def test_a_tried_resource_waits_out_its_cooldown_and_comes_back_as_such() -> None:
    row = updated(a_row(), Tried(vault("kv1"), a_task(), covered=False, cooldown=timedelta(hours=1)))
    soon = heard(row, a_change(minutes=30), a_key(), at(30))
    later = heard(row, a_change(minutes=70), a_key(), at(70))

    assert soon is not None
    assert later is not None
    assert (soon.pending, soon.came_back) == (False, True)
    assert (later.pending, later.came_back) == (True, False)


@pytest.mark.parametrize(
    ("covered", "counts", "back"), [(False, True, True), (True, True, False), (False, False, False)]
)
def test_news_scanned_while_a_task_ran_is_met_where_that_task_did_nothing_for_it(
    covered: bool, counts: bool, back: bool
) -> None:
    tried = Tried(vault("kv1"), a_task(), covered, timedelta(hours=1), counts=counts)
    before = updated(heard(a_row(), a_change(minutes=3), a_key(), at(3)) or a_row(), tried)  # it ran from 2 to 6
    after = heard(updated(a_row(), tried), a_change(minutes=3), a_key(), at(7))

    assert after is not None
    assert (before.came_back, after.came_back) == (back, back)


@pytest.mark.parametrize(("scanned", "back"), [(4, False), (5.5, True)])
def test_news_scanned_after_its_own_deployment_while_the_task_still_ran_did_not_last(
    scanned: float, back: bool
) -> None:
    tried = Tried(vault("kv1"), a_task(), True, timedelta(hours=1), done=scan(5))
    row = heard(updated(a_row(), tried), a_change(minutes=scanned), a_key(), at(7))

    assert row is not None
    assert row.came_back is back


def test_a_task_that_is_recorded_twice_counts_as_one_attempt() -> None:
    tried = Tried(vault("kv1"), a_task(), covered=True, cooldown=timedelta(hours=1))

    assert updated(updated(a_row(), tried), tried) == updated(a_row(), tried)
    assert updated(a_row(), tried).attempts == 1


def test_what_azure_showed_before_the_news_does_not_take_the_news_back() -> None:
    assert updated(a_row(minutes=5), Show(vault("kv1"), scan(3), "compliant", "old")) == a_row(minutes=5)


def test_settled_news_is_not_pending_and_newer_news_is() -> None:
    row = updated(a_row(), Settle(vault("kv1"), scan(0), "a rule ignores it"))
    news = heard(row, a_change(minutes=1), a_key(), at(1))

    assert not row.pending
    assert news is not None
    assert news.pending


def test_a_leftover_that_no_event_announced_is_pending_whatever_azure_shows() -> None:
    row = unannounced(Leftover(vault("kv7")), a_case(), at(8))

    assert row is not None
    assert row.pending
    assert unannounced(Settle(vault("kv7"), 1, ""), a_case(), at(8)) is None


def test_what_failed_for_it_last_is_remembered_by_its_code_until_a_task_mends_it() -> None:
    failed = Tried(vault("kv1"), a_task(), False, timedelta(hours=1), error_code="AuthorizationFailed")
    mended = Tried(vault("kv1"), a_task(last_updated_on=scan(90)), True, timedelta(hours=1))

    row = updated(a_row(), failed)

    assert row.error_code == "AuthorizationFailed"
    assert updated(row, mended).error_code == ""
