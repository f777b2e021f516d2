import importlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import azure.functions as func
import pytest
from azure.eventgrid import SystemEventNames
from azure.functions.eventgrid import EventGridEventInConverter
from azure.functions.meta import Datum

from responder.adapters.event_grid import as_mapping, from_queue, keep_time_formats
from responder.core.policy_state import PolicyStateChange, Rejection, parse

EVENTS = Path(__file__).parents[1] / "data" / "events"
SUBSCRIPTION = "/subscriptions/0a1b2c3d-0000-4000-8000-000000000001"


def an_event(name: str) -> dict[str, object]:
    """A documented sample, its placeholders filled in."""
    text = re.sub(r"[{<]policy-(assignment|definition)-scope[}>]", SUBSCRIPTION, (EVENTS / name).read_text())
    text = re.sub(r"[{<]subscription-?id[}>]", SUBSCRIPTION.rpartition("/")[2], text, flags=re.IGNORECASE)
    document = json.loads(re.sub(r"[{<]([A-Za-z-]+)[}>]", r"\1", text))
    event = document[0] if isinstance(document, list) else document
    assert isinstance(event, dict)
    return event


def as_event_grid_event(event: dict[str, object]) -> func.EventGridEvent:
    return func.EventGridEvent(
        id=str(event["id"]),
        data=event["data"],  # type: ignore[arg-type]
        topic=str(event["topic"]),
        subject=str(event["subject"]),
        event_type=str(event["eventType"]),
        event_time=datetime(2026, 3, 27, 18, 37, tzinfo=UTC),
        data_version=str(event.get("dataVersion", "1")),
    )


def as_cloud_event(event: dict[str, object]) -> func.CloudEvent:
    return func.CloudEvent(**{name: value for name, value in event.items() if name != "time"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["eventgrid_policy_state_changed.json", "eventgrid_mg_policy_state_created_array.json"]
)
def test_an_event_grid_event_from_the_worker_parses_like_the_bytes_it_came_from(name: str) -> None:
    event = an_event(name)

    handed_over = as_mapping(as_event_grid_event(event))

    assert isinstance(parse(event), PolicyStateChange)
    assert parse(handed_over) == parse(event)


@pytest.mark.parametrize("name", ["cloudevent_policy_state_changed.json", "cloudevent_policy_state_created.json"])
def test_a_cloud_event_from_the_worker_parses_like_the_bytes_it_came_from(name: str) -> None:
    event = an_event(name)

    handed_over = as_mapping(as_cloud_event(event))

    assert isinstance(parse(event), PolicyStateChange)
    assert parse(handed_over) == parse(event)


def test_the_publishers_trace_context_comes_along_with_a_cloud_event() -> None:
    event = an_event("cloudevent_policy_state_changed.json")
    event["traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    change = parse(as_mapping(as_cloud_event(event)))

    assert isinstance(change, PolicyStateChange)
    assert change.traceparent == event["traceparent"]


def _cannot_be_read() -> object:
    raise json.JSONDecodeError("no JSON", "{", 0)


@pytest.mark.parametrize(
    "event",
    [
        *(SimpleNamespace(id="1", get_json=lambda data=data: data) for data in (None, "text", [1], 7, True)),
        SimpleNamespace(id="1", get_json=_cannot_be_read),
        SimpleNamespace(specversion="1.0", extension_attrs=None),
        SimpleNamespace(),
        None,
    ],
    ids=["null", "text", "list", "number", "true", "bad-json", "bare-cloud-event", "nothing", "none"],
)
def test_odd_content_is_handed_on_and_rejected_by_name_instead_of_raising(event: object) -> None:
    handed_over = as_mapping(event)

    assert isinstance(parse(handed_over), Rejection)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_queue_message_holds_one_event_as_json_alone_or_in_an_array(wrapped: bool) -> None:
    event = an_event("eventgrid_policy_state_changed.json")

    read = from_queue(json.dumps([event] if wrapped else event).encode())

    assert parse(read) == parse(event)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"[1, 2]", b"null", b"7", b"[" * 100_000])
def test_a_queue_message_that_is_no_event_is_rejected_by_name_instead_of_raising(body: bytes) -> None:
    read = from_queue(body)

    assert isinstance(parse(read), Rejection)


@pytest.mark.parametrize(
    "event_type",
    [
        SystemEventNames.PolicyInsightsPolicyStateCreatedEventName,
        SystemEventNames.PolicyInsightsPolicyStateChangedEventName,
        SystemEventNames.PolicyInsightsPolicyStateDeletedEventName,
    ],
)
def test_the_event_types_we_know_are_those_of_the_event_grid_library(event_type: SystemEventNames) -> None:
    event = an_event("eventgrid_policy_state_changed.json") | {"eventType": event_type.value}

    change = parse(event)

    assert isinstance(change, PolicyStateChange)


def test_the_formats_of_an_events_time_are_not_compiled_for_each_event() -> None:
    keep_time_formats()
    known = importlib.import_module("_strptime")._regex_cache
    known.clear()
    sample = {**an_event("eventgrid_policy_state_changed.json"), "eventTime": "2026-03-27T18:37:42.4496956Z"}
    handed_over = Datum(json.dumps(sample), "json")

    EventGridEventInConverter.decode(handed_over, trigger_metadata={})
    compiled = dict(known)
    EventGridEventInConverter.decode(handed_over, trigger_metadata={})

    assert "%Y-%m-%dT%H:%M:%S.%fZ" in compiled
    assert {name: known[name] is kept for name, kept in compiled.items()} == dict.fromkeys(compiled, True)
