"""Reading one event."""

import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core import instant
from responder.core.policy_state import PolicyStateChange, Rejection, RejectionReason, parse
from tests.core.policies import DATA

S = "0b1f6471-1bf0-4dda-aec3-cb9272f09590"
_FILES = sorted(file.name for file in (DATA / "events").glob("*policy_state_*.json"))
_PLACEHOLDERS = {
    "{subscription-id}": S,
    "<subscription-id>": S,
    "<SubscriptionID>": S,
    "{policy-assignment-scope}": f"/subscriptions/{S}",
    "<policy-assignment-scope>": f"/subscriptions/{S}",
    "{policy-definition-scope}": "",
    "<policy-definition-scope>": "",
}


def an_event(**changes: object) -> dict[str, object]:
    """An event in the Event Grid schema."""
    data = {
        "timestamp": "2021-03-27T18:37:42.4496956Z",
        "policyAssignmentId": f"/subscriptions/{S}/providers/microsoft.authorization/policyassignments/PA",
        "policyDefinitionId": "/providers/microsoft.authorization/policydefinitions/PD",
        "policyDefinitionReferenceId": "",
        "complianceState": "NonCompliant",
        "subscriptionId": S,
        "complianceReasonCode": "",
    }
    event = {
        "id": "5829794F",
        "topic": f"/subscriptions/{S}",
        "subject": f"/subscriptions/{S}/resourceGroups/My-RG/providers/Microsoft.KeyVault/vaults/KV1",
        "data": data | {key: value for key, value in changes.items() if key in data},
        "eventType": "Microsoft.PolicyInsights.PolicyStateChanged",
        "eventTime": "2021-03-27T18:37:42.5241536Z",
    }
    return event | {key: value for key, value in changes.items() if key not in data}


def change(event: object) -> PolicyStateChange:
    """The parsed event, which must be one."""
    parsed = parse(event)
    assert isinstance(parsed, PolicyStateChange), parsed
    return parsed


def _events(name: str) -> Iterator[dict[str, object]]:
    text = (DATA / "events" / name).read_text(encoding="utf-8")
    for placeholder, value in _PLACEHOLDERS.items():
        text = text.replace(placeholder, value)
    content = json.loads(text)
    yield from content if isinstance(content, list) else [content]


@pytest.mark.parametrize("name", _FILES)
def test_every_official_example_is_read_once_its_placeholders_are_filled(name: str) -> None:
    for event in _events(name):
        read = change(event)

        assert read.resource.subscription == S
        assert iso_of(read) == "2021-03-27T18:37:42.4496956Z"


def iso_of(read: PolicyStateChange) -> str:
    """The scan as Azure wrote it."""
    return instant.iso(read.scan)


def test_a_management_groups_topic_names_its_group() -> None:
    topic = "/tenants/72f988bf/providers/Microsoft.Management/managementGroups/ALZ"

    assert change(an_event(topic=topic)).management_group == "alz"


def test_both_schemas_say_the_same() -> None:
    grid = an_event()
    cloud = {
        "specversion": "1.0",
        "id": grid["id"],
        "source": grid["topic"],
        "subject": grid["subject"],
        "type": grid["eventType"],
        "time": grid["eventTime"],
        "data": grid["data"],
    }

    assert change(cloud) == change(grid)


def test_ids_and_states_are_folded() -> None:
    read = change(an_event(policyDefinitionReferenceId="DiagKv", complianceState="NONCOMPLIANT"))

    assert read.resource.text.endswith("/resourcegroups/my-rg/providers/microsoft.keyvault/vaults/kv1")
    assert (read.reference, read.compliance, read.withdraws) == ("diagkv", "noncompliant", False)


@pytest.mark.parametrize("state", ["Compliant", "Exempt", "Conflict", "Unknown", "Protected", "Error", "Newest"])
def test_every_other_state_withdraws(state: str) -> None:
    assert change(an_event(complianceState=state)).withdraws


def test_a_deleted_state_withdraws_whatever_it_says() -> None:
    read = change(an_event(eventType="Microsoft.PolicyInsights.PolicyStateDeleted", complianceState=None))

    assert (read.compliance, read.withdraws) == ("deleted", True)


def test_resource_groups_and_subscriptions_may_be_subjects() -> None:
    assert change(an_event(subject=f"/subscriptions/{S}")).resource.text == f"/subscriptions/{S}"
    assert change(an_event(subject=f"/subscriptions/{S}/resourceGroups/RG")).resource.name == "rg"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"eventType": "Microsoft.Storage.BlobCreated"}, RejectionReason.UNKNOWN_TYPE),
        ({"eventType": None}, RejectionReason.UNKNOWN_TYPE),
        ({"eventType": 7}, RejectionReason.UNKNOWN_TYPE),
        ({"topic": "/subscriptions/s/resourceGroups/rg"}, RejectionReason.UNKNOWN_PUBLISHER),
        ({"topic": None}, RejectionReason.UNKNOWN_PUBLISHER),
        ({"data": None}, RejectionReason.NOT_AN_EVENT),
        ({"data": "text"}, RejectionReason.NOT_AN_EVENT),
        ({"subject": f"/subscriptions/{S}/resourceGroups/a/../b"}, RejectionReason.BAD_RESOURCE_ID),
        ({"subject": None}, RejectionReason.BAD_RESOURCE_ID),
        ({"subject": "/providers/Microsoft.Management/managementGroups/alz"}, RejectionReason.BAD_RESOURCE_ID),
        ({"policyAssignmentId": "x"}, RejectionReason.BAD_ASSIGNMENT_ID),
        ({"policyAssignmentId": f"/subscriptions/{S}"}, RejectionReason.BAD_ASSIGNMENT_ID),
        ({"policyDefinitionId": None}, RejectionReason.BAD_DEFINITION_ID),
        ({"policyDefinitionReferenceId": "a\nb"}, RejectionReason.BAD_REFERENCE_ID),
        ({"policyDefinitionReferenceId": "x" * 257}, RejectionReason.BAD_REFERENCE_ID),
        ({"complianceState": ""}, RejectionReason.BAD_COMPLIANCE_STATE),
        ({"complianceState": "Non Compliant"}, RejectionReason.BAD_COMPLIANCE_STATE),
        ({"timestamp": "yesterday"}, RejectionReason.BAD_TIME),
        ({"timestamp": None}, RejectionReason.BAD_TIME),
        ({"timestamp": "9999-12-31T23:59:59.9999999Z"}, RejectionReason.BAD_TIME),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, RejectionReason.BAD_TIME),
        ({"subscriptionId": "00000000-0000-0000-0000-000000000000"}, RejectionReason.OTHER_SUBSCRIPTION),
        ({"topic": "/subscriptions/another"}, RejectionReason.OTHER_SUBSCRIPTION),
    ],
)
def test_what_cannot_be_understood_is_rejected_with_its_reason(
    changes: dict[str, object], reason: RejectionReason
) -> None:
    rejection = parse(an_event(**changes))

    assert isinstance(rejection, Rejection)
    assert (rejection.reason, rejection.event_id) == (reason, "5829794F")
    assert rejection.detail.isprintable()


_json: Callable[[st.SearchStrategy[object]], st.SearchStrategy[object]] = lambda inner: (  # noqa: E731
    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60), _json, max_leaves=8
)


@given(_anything)
def test_nothing_that_comes_makes_the_parse_fail(event: object) -> None:
    assert isinstance(parse(event), Rejection)


@given(st.sampled_from([*an_event(), *dict(an_event()["data"])]), _anything)  # type: ignore[call-overload]
def test_no_single_field_makes_the_parse_fail(name: str, value: object) -> None:
    assert isinstance(parse(an_event(**{name: value})), PolicyStateChange | Rejection)
