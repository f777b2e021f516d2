"""The real SDK publishes to a topic on this machine, which refuses in every way that Event Grid does."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from responder.adapters import outcome_topic
from responder.adapters.outcome_topic import NotPublished, OutcomeTopic, source_of
from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from responder.core.case import State
from responder.core.outcome_event import OutcomeEvent, stop_of
from tests.adapters.local_topic import LocalTopic, Refusal, a_topic
from tests.core.builders import START, a_case
from tests.core.outcome_builders import stopped

SETTINGS = Settings(storage=Storage(), site_name="func-responder prod")


def an_event(**changes: object) -> OutcomeEvent:
    event = stop_of(stopped(a_case(State.OPENING, **changes)))
    assert event is not None
    return event


@asynccontextmanager
async def a_publisher() -> AsyncIterator[tuple[LocalTopic, OutcomeTopic]]:
    async with a_topic() as topic:
        publisher = OutcomeTopic(SETTINGS, topic.endpoint)
        yield topic, publisher
        await publisher.close()


async def refusal_of(publisher: OutcomeTopic, *events: OutcomeEvent) -> NotPublished:
    with pytest.raises(NotPublished) as refused:
        await publisher.publish(events or (an_event(),), START)
    return refused.value


async def test_an_event_arrives_as_a_cloud_event_without_a_credential_on_loopback() -> None:
    event = an_event()

    async with a_publisher() as (topic, publisher):
        await publisher.publish((event,), START)

    [arrived], [request] = topic.events, topic.requests
    assert (arrived.id, arrived.type, arrived.subject, arrived.time) == (event.id, event.type, event.subject, event.at)
    assert (arrived.source, arrived.data) == ("azure-policy-responder/func-responder%20prod", dict(event.data))
    assert {name.lower() for name in request.headers}.isdisjoint({"authorization", "aeg-sas-key", "aeg-sas-token"})


async def test_an_event_joins_the_trace_of_its_round() -> None:
    event = an_event()

    async with a_publisher() as (topic, publisher):
        await publisher.publish((event,), START)

    assert topic.events[0].extensions == {"traceparent": event.trace}


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (400, "input schema must be CloudEvents 1.0"),
        (401, "EventGrid Data Sender"),
        (403, "EventGrid Data Sender"),
        (404, "RESPONDER_OUTCOME_TOPIC"),
        (413, "larger than Event Grid takes"),
        (429, "tried again"),
        (503, "tried again"),
        (302, "tried again"),
    ],
)
async def test_a_refusal_is_asked_once_and_says_what_to_do(status: int, what: str) -> None:
    async with a_publisher() as (topic, publisher):
        topic.refusal = Refusal(status, {"Location": f"{topic.url}/elsewhere"} if status == 302 else {})

        refused = await refusal_of(publisher)

    assert what in str(refused)
    assert str(status) in str(refused)
    assert len(topic.requests) == 1


async def test_only_a_refusal_that_is_about_the_events_lets_the_topic_be_asked_again_at_once() -> None:
    async with a_publisher() as (topic, publisher):
        topic.refusal = Refusal(413)
        theirs = await refusal_of(publisher)
        rests_after_413 = publisher.rests(START)
        topic.refusal = Refusal(503)
        ours = await refusal_of(publisher)

        assert (theirs.theirs, rests_after_413) == (True, False)
        assert (ours.theirs, publisher.rests(START), publisher.rests(START + timedelta(minutes=6))) == (
            False,
            True,
            False,
        )


async def test_a_topic_is_left_alone_for_as_long_as_it_asks() -> None:
    async with a_publisher() as (topic, publisher):
        topic.refusal = Refusal(429, {"Retry-After": "120"})

        refused = await refusal_of(publisher)

        assert refused.rest == timedelta(minutes=2)
        assert publisher.rests(START + timedelta(seconds=119))
        assert not publisher.rests(START + timedelta(seconds=120))


async def test_a_connection_that_breaks_is_no_answer_and_not_repeated() -> None:
    async with a_publisher() as (topic, publisher):
        topic.refusal = Refusal(breaks=True)

        refused = await refusal_of(publisher)

    assert "no answer" in str(refused)
    assert (refused.theirs, len(topic.requests)) == (False, 1)


async def test_a_topic_that_is_slow_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome_topic, "_WITHIN", timedelta(seconds=0.3))
    async with a_publisher() as (topic, publisher):
        topic.refusal = Refusal(sleeps=True)

        refused = await refusal_of(publisher)

    assert "took too long" in str(refused)


async def test_a_topic_that_takes_events_again_is_asked_at_once_again() -> None:
    async with a_publisher() as (topic, publisher):
        topic.refusal = Refusal(503, times=1)
        await refusal_of(publisher)

        await publisher.publish((an_event(),), START)

        assert not publisher.rests(START)
        assert len(topic.events) == 1


async def test_over_https_the_identitys_token_is_asked_for_and_its_absence_told() -> None:
    publisher = OutcomeTopic(SETTINGS, "https://topic.westeurope-1.eventgrid.invalid/api/events")

    refused = await refusal_of(publisher)

    assert "NoCredential" in str(refused)
    assert "https://eventgrid.azure.net/.default" in str(refused)
    await publisher.close()


def test_an_app_without_a_name_in_azure_still_says_who_speaks() -> None:
    assert source_of(Settings(storage=Storage())) == "azure-policy-responder"


def test_the_body_is_what_the_schema_of_a_batch_asks_for() -> None:
    event = outcome_topic.cloud_event(an_event(), "source")

    assert event.datacontenttype == "application/json"
    assert json.loads(json.dumps(event.data)) == event.data
    assert "azure.core.messaging" in sys.modules
