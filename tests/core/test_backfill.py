"""Present states beside what the ledger heard: what is a change that no event told, and what follows."""

from dataclasses import replace

import pytest

from responder.core.admission import Knock
from responder.core.backfill import EVENT_ID, Standing, change_of, counted, finding_of, knock_of, standing_of
from responder.core.backfill_cycle import Tally
from responder.core.facts import Assignment, Definition
from responder.core.resource_id import resource_id
from responder.core.resource_row import Admitted, ResourceRow
from responder.core.rules import Rules, read_rules
from responder.core.surveyed import Policy, Surveyed
from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, a_row, a_state, at, scan

NOW = at(600)
FACTS = (
    Assignment(resource_id(ASSIGNMENT), SUBSCRIPTION, DEFINITION, "systemassigned"),
    Definition(resource_id(DEFINITION), "deployIfNotExists"),
    None,
)


def rules(action: str = "remediate", backfill: str = "true") -> Rules:
    return read_rules(f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
rules:
  - name: vaults
    match: {{resourceType: Microsoft.KeyVault/vaults, tags: {{env: prod}}}}
    action: {action}
    backfill: {backfill}
""")


def a_surveyed(minutes: float = 60, env: str = "prod") -> Surveyed:
    policy = Policy(resource_id(ASSIGNMENT), resource_id(DEFINITION), "")
    return Surveyed(policy, a_state(minutes=minutes, tags={"env": env}))


def a_knock(minutes: float = 60, action: str = "remediate", backfill: str = "true") -> Knock:
    return knock_of(a_surveyed(minutes), FACTS, rules(action, backfill))


COMPLIANT = a_row(minutes=10, compliance="compliant")


@pytest.mark.parametrize(
    ("row", "standing"),
    [
        pytest.param(None, Standing.UNANNOUNCED, id="the ledger never heard of it"),
        pytest.param(a_row(minutes=60), Standing.KNOWN, id="an event told this scan"),
        pytest.param(a_row(minutes=90), Standing.KNOWN, id="an event told a newer one"),
        pytest.param(COMPLIANT, Standing.UNANNOUNCED, id="it was compliant before"),
        pytest.param(replace(COMPLIANT, compliance="deleted"), Standing.UNANNOUNCED, id="it was deleted before"),
        pytest.param(a_row(minutes=10), Standing.KNOWN, id="its case is at it"),
        pytest.param(a_row(minutes=10, given_up="d1"), Standing.KNOWN, id="it was given up"),
        pytest.param(a_row(minutes=10, settled=scan(10)), Standing.AGAIN, id="it was dealt with and looked at again"),
        pytest.param(a_row(minutes=10, covered_at=scan(70)), Standing.KNOWN, id="a task took care of it since"),
    ],
)
def test_a_state_is_unannounced_only_where_it_is_a_change_that_no_event_told(
    row: ResourceRow | None, standing: Standing
) -> None:
    assert standing_of(scan(60), row, NOW) is standing


def test_a_state_that_was_scanned_within_the_hour_may_still_be_announced() -> None:
    assert standing_of(scan(541), None, NOW) is Standing.ON_THE_WAY
    assert standing_of(scan(539), None, NOW) is Standing.UNANNOUNCED


def test_the_state_itself_tells_what_no_event_tells() -> None:
    wanted = knock_of(a_surveyed(), FACTS, rules())
    other = knock_of(a_surveyed(env="test"), FACTS, rules())

    assert (wanted.let_in, wanted.decision.rule) == (True, "vaults")
    assert not other.let_in


def test_what_backfill_brings_is_marked_as_no_event() -> None:
    change = change_of(a_surveyed())

    assert (change.event_id, change.kind, change.scan) == (EVENT_ID, "Changed", scan(60))


@pytest.mark.parametrize(("backfill", "admits"), [("true", True), ("false", False)])
def test_the_rule_says_whether_an_unannounced_state_is_admitted_or_only_counted(backfill: str, admits: bool) -> None:
    finding = finding_of(a_knock(backfill=backfill), None, NOW)

    assert finding.admits is admits
    assert counted(finding, NOW) == Tally(wanted=1, unannounced=1, lately=1, admitted=int(admits))


def test_a_state_that_changed_days_ago_is_unannounced_but_says_nothing_of_events_lately() -> None:
    finding = finding_of(a_knock(minutes=-2000), None, NOW)

    assert counted(finding, NOW) == Tally(wanted=1, unannounced=1, admitted=1)


def test_news_of_an_event_within_a_day_shows_that_events_come() -> None:
    row = a_row(minutes=60, event_id="E1")

    heard = counted(finding_of(a_knock(), row, NOW), NOW)
    ours = counted(finding_of(a_knock(), replace(row, event_id=EVENT_ID), NOW), NOW)

    assert (heard.announced, ours.announced) == (1, 0)


def test_a_resource_that_was_dealt_with_is_admitted_again_when_azure_looked_again() -> None:
    row = a_row(minutes=10, settled=scan(10))

    assert counted(finding_of(a_knock(), row, NOW), NOW) == Tally(wanted=1, renewed=1)


def test_a_resource_is_not_observed_daily_under_the_same_text() -> None:
    knock = a_knock(action="observe")
    observed = Admitted("observe", "vaults", "rule", knock.decision.digest)
    row = a_row(minutes=10, settled=scan(10), admitted=observed)

    same = finding_of(knock, row, NOW)
    enforced = finding_of(a_knock(), row, NOW)

    assert (same.admits, enforced.admits) == (False, True)
