"""Whatever an event holds, the parse answers at once, in few words that harm nobody who reads them."""

import json
import tracemalloc

import pytest

from responder.core import event_span, policy_state
from responder.core.admission import knock, rejected
from responder.core.facts import Unread
from responder.core.policy_state import PolicyStateChange, Rejection, RejectionReason
from responder.core.rules import read_rules
from tests.core.builders import ASSIGNMENT, DEFINITION, START, SUBSCRIPTION, vault

_ODD = (
    *("\x1b[2J\x1b[31mowned", "line\nbreak", "\x00", "\ud800", "\u202egnp.exe", "\u200b", "\u2028", "\x9b31m", "\x7f"),
    *("..", "%2e%2e", "a%2fb", "'; drop", "' or 1 eq 1", "[red]x[/red]", "x" * 100_000, "Ⅷ" * 3000, "{0}%s%n"),
)


def an_event(**changes: object) -> dict[str, object]:
    data: dict[str, object] = {
        "timestamp": "2026-11-20T08:00:00.4496956Z",
        "policyAssignmentId": ASSIGNMENT,
        "policyDefinitionId": DEFINITION,
        "policyDefinitionReferenceId": "",
        "complianceState": "NonCompliant",
        "subscriptionId": SUBSCRIPTION.rpartition("/")[2],
    }
    event: dict[str, object] = {
        "id": "E1",
        "topic": SUBSCRIPTION,
        "subject": vault("kv1"),
        "eventType": "Microsoft.PolicyInsights.PolicyStateChanged",
        "data": data,
    }
    for name, value in changes.items():
        (data if name in data else event)[name] = value
    return event


_FIELDS = [
    *("id", "topic", "subject", "eventType", "timestamp", "policyAssignmentId", "policyDefinitionId"),
    *("policyDefinitionReferenceId", "complianceState", "subscriptionId"),
]


def told_of(event: object) -> tuple[str, ...]:
    """All that logs, spans and terminals get to see of an event that is rejected."""
    no = policy_state.parse(event)
    assert isinstance(no, Rejection), no
    here = event_span.begin("", "1" * 32, "2" * 16, START)
    span = event_span.finish(here, no, rejected(no), START)
    return (no.event_id, no.detail, *(str(value) for value in span.attributes.values()))


def deep(levels: int) -> object:
    nested: object = "x"
    for _ in range(levels):
        nested = [nested]
    return nested


_OTHER_KINDS = {
    "nested": deep(100_000),
    "huge": 10**100_000,
    "not a number": float("nan"),
    "true": True,
    "object": {"a": deep(5000)},
}


@pytest.mark.parametrize("field", _FIELDS)
@pytest.mark.parametrize("kind", _OTHER_KINDS)
def test_a_value_of_another_kind_is_named_and_never_written_out(field: str, kind: str) -> None:
    event = an_event(**{"timestamp": "no time", field: _OTHER_KINDS[kind]})

    told = told_of(event)

    assert all(len(text) < 600 for text in told)


@pytest.mark.parametrize("field", _FIELDS)
@pytest.mark.parametrize("value", _ODD, ids=ascii)
def test_what_is_told_of_a_rejected_event_is_short_and_printable(field: str, value: str) -> None:
    told = told_of(an_event(**{"timestamp": "no time", field: value}))

    assert [text for text in told if not text.isprintable() or len(text) > 1000] == []


@pytest.mark.parametrize("field", ["subject", "policyAssignmentId", "policyDefinitionId"])
@pytest.mark.parametrize(
    "part", ["..", ".", " ", "", "%2e%2e", "a%2Fb", "a\\b", "a?b", "a#b", "a\x00b", "a\u202eb", "a\x9bb"]
)
def test_an_id_that_could_leave_its_path_or_a_line_is_rejected_by_name(field: str, part: str) -> None:
    usual = {"subject": vault("kv1"), "policyAssignmentId": ASSIGNMENT, "policyDefinitionId": DEFINITION}[field]
    reasons = {
        "subject": RejectionReason.BAD_RESOURCE_ID,
        "policyAssignmentId": RejectionReason.BAD_ASSIGNMENT_ID,
        "policyDefinitionId": RejectionReason.BAD_DEFINITION_ID,
    }

    for odd in (f"{usual.rpartition('/')[0]}/{part}", usual.replace("/providers/", f"/{part}/providers/", 1)):
        no = policy_state.parse(an_event(**{field: odd}))
        assert isinstance(no, Rejection)
        assert no.reason is reasons[field]


def test_only_a_policy_definition_is_ever_read_by_the_id_of_a_definition() -> None:
    no = policy_state.parse(an_event(policyDefinitionId=vault("secrets")))

    assert isinstance(no, Rejection)
    assert no.reason is RejectionReason.BAD_DEFINITION_ID


@pytest.mark.parametrize("reference", ["a'b", "a/b", "' or policyDefinitionId ne '", "x" * 256, "%27", "ß"])
def test_a_printable_reference_is_taken_as_it_is_folded(reference: str) -> None:
    change = policy_state.parse(an_event(policyDefinitionReferenceId=reference))

    assert isinstance(change, PolicyStateChange)
    assert change.reference == reference.lower()


def test_of_a_key_that_comes_twice_the_last_counts_everywhere() -> None:
    text = json.dumps(an_event())[:-1] + ', "subject": "no id"}'

    no = policy_state.parse(json.loads(text))

    assert isinstance(no, Rejection)
    assert no.reason is RejectionReason.BAD_RESOURCE_ID


def test_a_flood_of_long_topics_does_not_stay_in_memory() -> None:
    tracemalloc.start()
    try:
        for number in range(200):
            policy_state.parse(an_event(topic="x" * 100_000 + str(number)))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 2_000_000


def test_states_that_somebody_made_up_are_one_reason() -> None:
    rules = read_rules("version: 1\nrules: []\n")
    unread = Unread("not read")
    changes = [policy_state.parse(an_event(complianceState=f"State{number}")) for number in range(100)]

    knocks = [knock(change, rules, unread, unread, unread) for change in changes if not isinstance(change, Rejection)]

    assert len(knocks) == 100
    assert {each.answered("", stale=False).reason for each in knocks} == {"another-state"}
