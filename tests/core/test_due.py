"""When gathered news is due."""

from datetime import timedelta

import pytest

from responder.core.due import due_at, grace_of
from responder.core.facts import InitiativeReference, Missing, Unread
from responder.core.rule_settings import Settings
from tests.core.builders import DEFINITION, at, scan
from tests.core.policies import SET, a_definition, all_facts, an_assignment, an_initiative

SETTINGS = Settings(gather_for=timedelta(minutes=2), gather_at_most=timedelta(minutes=15))


@pytest.mark.parametrize(
    ("delay", "minutes"),
    [
        (None, 10),
        ("AfterProvisioning", 10),
        ("AfterProvisioningSuccess", 10),
        ("AFTERPROVISIONINGFAILURE", 10),
        ("PT0M", 0),
        ("PT30M", 30),
        ("pt15m", 15),
        ("PT360M", 360),
        ("PT6H1M", 10),
        ("soon", 10),
        ("[parameters('delay')]", 45),
        ("[Parameters( 'DELAY' )]", 45),
        ("[parameters('other')]", 10),
        ("[if(true(), 'PT1H', 'PT2H')]", 10),
    ],
)
def test_automatic_grace_is_azures_own_delay(delay: str | None, minutes: int) -> None:
    defined = a_definition(evaluation_delay=delay, parameters={"delay": "PT45M"})

    assert grace_of(SETTINGS, all_facts(definition=defined), "") == timedelta(minutes=minutes)


def test_a_delay_reaches_its_policy_through_assignment_and_initiative() -> None:
    defined = a_definition(evaluation_delay="[parameters('delay')]")
    group = an_initiative(InitiativeReference("DiagKv", DEFINITION, {"delay": "[parameters('wait')]"}))
    assigned = an_assignment(definition_id=SET, parameters={"wait": "PT20M"})

    facts = all_facts(definition=defined, assignment=assigned, initiative=group)

    assert grace_of(SETTINGS, facts, "diagkv") == timedelta(minutes=20)
    assert grace_of(SETTINGS, all_facts(definition=defined, assignment=Unread("403")), "") == timedelta(minutes=10)


@pytest.mark.parametrize("unknown", [Unread("not read"), Missing("gone")])
def test_automatic_grace_is_ten_minutes_where_the_definition_is_not_known(unknown: Unread | Missing) -> None:
    assert grace_of(SETTINGS, all_facts(definition=unknown), "") == timedelta(minutes=10)


def test_a_rules_own_grace_goes_before_the_definitions_delay() -> None:
    settings = Settings(grace=timedelta(0))

    assert grace_of(settings, all_facts(definition=a_definition(evaluation_delay="PT30M")), "") == timedelta(0)


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
