"""The event subscription delivers what the app understands, to where it listens."""

from itertools import product
from typing import Any

import pytest

from responder.core.policy_state import PolicyStateChange, parse
from tests.core.policies import DATA
from tests.core.test_policy_state import an_event
from tests.infra import app
from tests.infra.bicep import INFRA, Expression, template
from tests.infra.facts import part
from tests.infra.meaning import made, meaning

EVENTS = template(INFRA / "events.bicep")
SCOPES = ("main.bicep", "subscription.bicep")


def subscription() -> dict[str, Any]:
    found = meaning(EVENTS, EVENTS.variables["subscriptionProperties"])
    assert isinstance(found, dict)
    return found


def cloud_event(kind: str) -> dict[str, object]:
    """The same news as a CloudEvent."""
    event = an_event()
    renamed = {"source": event["topic"], "time": event["eventTime"], "type": kind, "specversion": "1.0"}
    return {"id": event["id"], "subject": event["subject"], "data": event["data"], **renamed}


SCHEMAS = {
    "EventGridSchema": lambda kind: an_event(eventType=kind),
    "CloudEventSchemaV1_0": cloud_event,
}


def test_the_schemas_to_choose_from_are_those_that_are_known_here() -> None:
    told = next(node for node in EVENTS.tree.named_children if b"param eventSchema" in (node.text or b""))
    allowed = (told.prev_named_sibling.text or b"").decode() if told.prev_named_sibling else ""

    assert sorted(part("events", "schemas")) == sorted(SCHEMAS)
    assert all(f"'{schema}'" in allowed for schema in SCHEMAS)


@pytest.mark.parametrize(
    ("schema", "kind"), list(product(part("events", "schemas"), part("events", "includedEventTypes")))
)
def test_every_type_that_is_delivered_is_understood_in_every_schema(schema: str, kind: str) -> None:
    assert isinstance(parse(SCHEMAS[schema](kind)), PolicyStateChange)


def test_every_type_that_the_app_understands_is_delivered() -> None:
    kinds = {parse(an_event(eventType=kind)).kind for kind in part("events", "includedEventTypes")}  # type: ignore[union-attr]

    assert kinds == {"Created", "Changed", "Deleted"}
    assert subscription()["filter"]["includedEventTypes"] == part("events", "includedEventTypes")


def test_a_type_of_another_service_is_none_of_ours() -> None:
    assert not isinstance(parse(an_event(eventType="Microsoft.Storage.BlobCreated")), PolicyStateChange)
    assert (DATA / "events").is_dir()


def test_the_topic_is_that_of_policy_states() -> None:
    (topic,) = made("Microsoft.EventGrid/systemTopics")

    assert (topic.properties["topicType"], topic.body["location"]) == (
        "Microsoft.PolicyInsights.PolicyStates",
        "global",
    )
    assert text_of(topic.body["identity"]) == "withIdentity ? ownIdentity : null"
    assert [template(INFRA / "scope" / each).parameters["topicIdentity"].default for each in SCOPES] == [True, True]


def test_a_delivery_is_tried_as_often_as_event_grid_can() -> None:
    retry = {name: EVENTS.parameters[name].default for name in ("maxDeliveryAttempts", "eventTimeToLiveInMinutes")}

    assert retry == part("events", "retryPolicy")
    assert sorted(subscription()["retryPolicy"]) == sorted(retry)


def test_events_are_pushed_to_the_function_by_its_id_and_without_a_key() -> None:
    delivery: Any = meaning(EVENTS, EVENTS.variables["functionDelivery"])

    destination = delivery["destination"]
    (pushed,) = [each["name"] for each in app.functions() if each["bindings"][0]["type"] == "eventGridTrigger"]
    assert destination["endpointType"] == "AzureFunction"
    assert "/functions/" in text_of(destination["properties"]["resourceId"])
    assert part("events", "function") == pushed


def test_events_are_put_on_the_queue_that_the_app_listens_to_by_identity() -> None:
    delivery: Any = meaning(EVENTS, EVENTS.variables["queueDelivery"])

    by_identity = delivery["deliveryWithResourceIdentity"]
    (queued,) = [each for each in part("functions") if each["name"] == "policy_state_change_queued"]
    assert by_identity["identity"] == {"type": "SystemAssigned"}
    assert by_identity["destination"]["properties"]["queueName"] == queued["queue"]


def test_dead_letters_go_to_the_container_that_the_app_redrives_by_identity() -> None:
    told: Any = meaning(EVENTS, EVENTS.variables["deadLetters"])

    letters = told["deadLetterWithResourceIdentity"]
    container = letters["deadLetterDestination"]["properties"]["blobContainerName"]
    (told,) = [each["value"] for each in part("settings") if each["name"] == "RESPONDER_DEAD_LETTERS"]
    assert (letters["identity"], container) == ({"type": "SystemAssigned"}, told)


def test_private_networking_forces_the_queue() -> None:
    main = template(INFRA / "main.bicep")

    told = main.variables["effectiveDelivery"]
    assert text_of(told) == "privateNetworking ? 'queue' : delivery"
    assert [text_of(each.params["delivery"]) for each in main.modules if "delivery" in each.params] == [
        "effectiveDelivery"
    ]
    assert "effectiveDelivery" in [text_of(each) for each in main.outputs.values()]


def text_of(told: object) -> str:
    return told.text if isinstance(told, Expression) else str(told)
