"""The demo's event files: they parse to what their names say, and its rules decide each of them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from responder.adapters.rules_file import read_rules_file
from responder.core import instant
from responder.core.explanation import explain
from responder.core.facts import Facts, from_document
from responder.core.policy_state import PolicyStateChange, Rejection, parse
from responder.local.demo.landing_zone import estate, facts
from responder.local.demo.left_behind import read_events
from responder.local.demo.story import AFTERWARDS, BEFORE, EVENTS
from responder.local.demo.where_next import RULES
from responder.local.simulator.documents import Estate, read

ANSWERS = {
    "01-a-sql-server-alone": "remediate",
    "02-three-shop-apps-web": "remediate",
    "03-three-shop-apps-api": "remediate",
    "04-three-shop-apps-admin-that-fails": "remediate",
    "05-two-portal-apps-from-a-management-group": "remediate",
    "06-two-portal-apps-as-a-cloud-event": "remediate",
    "07-payments-web-beside-a-forbidden-app": "remediate",
    "08-payments-api-beside-a-forbidden-app": "remediate",
    "09-payments-ledger-managed-by-terraform": "ignore",
    "10-a-mysql-server-where-nothing-is-left-to-do": "remediate",
    "11-a-registry-rule-that-is-only-audited": "blocked",
    "12-a-sandbox-that-is-ignored": "ignore",
    "13-a-machine-out-of-compliance": "remediate",
    "14-the-same-machine-compliant-again": "ignore",
    "15-a-resource-group-that-is-only-observed": "observe",
    "16-an-event-of-another-kind": "rejected",
    "17-an-id-that-climbs-out": "rejected",
    "18-a-server-that-is-gone": "ignore",
    "19-another-registry-rule-later": "blocked",
}
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("file", sorted(EVENTS.glob("*.json")), ids=lambda file: file.stem)
def test_each_event_gets_the_answer_that_its_name_tells(file: Path) -> None:
    event = json.loads(file.read_text(encoding="utf-8"))
    known = facts(event)

    told = explain(parse(event), from_document(known) if known else Facts.unknown(), read_rules_file(RULES), NOW)

    assert told.answer == ANSWERS[file.stem]


def test_the_events_are_of_both_schemas_and_of_both_kinds_of_topics() -> None:
    events = read_events()

    changes = {name: parse(event) for name, event in events.items()}

    assert {"specversion" in event for event in events.values()} == {True, False}
    groups = {change.management_group for change in changes.values() if isinstance(change, PolicyStateChange)}
    assert groups == {None, "alz-corp"}
    assert [name[:2] for name, change in changes.items() if isinstance(change, Rejection)] == ["16", "17"]


def test_what_is_announced_is_what_the_estate_shows() -> None:
    stands = read(Estate, estate(read_events().values()), "estate")
    shown = {
        (state.resource_id.lower(), (state.compliance_state or "").lower(), instant.ticks(state.timestamp or ""))
        for state in stands.states
    }

    changes = [change for change in map(parse, read_events().values()) if isinstance(change, PolicyStateChange)]
    announced = {(change.resource.text, change.compliance, change.scan) for change in changes}

    assert shown <= announced
    assert {resource for resource, compliance, _ in announced if compliance != "deleted"} == {row[0] for row in shown}


def test_every_event_file_is_part_of_the_story() -> None:
    told = {episode.file for episode in (*BEFORE, *AFTERWARDS)}

    assert told == set(EVENTS.glob("*.json"))
