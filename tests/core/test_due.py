"""When gathered news is due."""

from datetime import timedelta

import pytest

from responder.core.due import due_at, grace_of
from responder.core.facts import Missing, Unread
from responder.core.rule_settings import Settings
from tests.core.builders import at, scan
from tests.core.policies import a_definition

SETTINGS = Settings(gather_for=timedelta(minutes=2), gather_at_most=timedelta(minutes=15))


@pytest.mark.parametrize(
    ("delay", "minutes"),
    [
        (None, 10),
        ("AfterProvisioning", 10),
        ("AfterProvisioningSuccess", 10),
        ("AfterProvisioningFailure", 10),
        ("PT30M", 30),
        ("pt15m", 15),
        ("soon", 10),
    ],
)
def test_automatic_grace_is_azures_own_delay(delay: str | None, minutes: int) -> None:
    assert grace_of(SETTINGS, a_definition(evaluation_delay=delay)) == timedelta(minutes=minutes)


@pytest.mark.parametrize("unknown", [Unread("not read"), Missing("gone")])
def test_automatic_grace_is_ten_minutes_where_the_definition_is_not_known(unknown: Unread | Missing) -> None:
    assert grace_of(SETTINGS, unknown) == timedelta(minutes=10)


def test_a_rules_own_grace_goes_before_the_definitions_delay() -> None:
    settings = Settings(grace=timedelta(0))

    assert grace_of(settings, a_definition(evaluation_delay="PT30M")) == timedelta(0)


@pytest.mark.parametrize(
    ("scanned", "first", "latest", "grace", "due"),
    [
        (0, 0, 0, 0, 2),
        (0, 0, 5, 0, 7),
        (0, 0, 14, 0, 15),
        (0, 0, 0, 10, 10),
        (-60, 0, 0, 10, 2),
    ],
    ids=["quiet for a while", "the burst goes on", "no longer than at most", "azure first", "an old scan"],
)
def test_news_is_due_after_the_grace_and_once_the_burst_is_over(
    scanned: int, first: int, latest: int, grace: int, due: int
) -> None:
    assert due_at(scan(scanned), at(first), at(latest), SETTINGS, timedelta(minutes=grace)) == at(due)
