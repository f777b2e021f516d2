"""The endpoint that stands in for Application Insights takes what its real exporter sends, and shows it as tables."""

import gzip
import json

import aiohttp
import pytest

from tests.adapters.test_telemetry import CHILD, ROOT, TRACE, a_span, telemetry
from tests.wire.ingestion import Answer, Ingestion, receiving

EMPTY = {"requests": 0, "dependencies": 0, "traces": 0, "customMetrics": 0, "exceptions": 0}


def counts(ingestion: Ingestion) -> dict[str, int]:
    return {name: len(rows) for name, rows in ingestion.rows().items()}


async def test_a_span_is_a_row_with_its_ids_and_its_duration() -> None:
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string)

        told.tell(a_span(CHILD, parent_span_id=ROOT, error="2 of 5 failed"))
        await told.close()

    [row] = ingestion.rows()["dependencies"]
    assert (row["operation_Id"], row["operation_ParentId"], row["id"]) == (TRACE, ROOT, CHILD)
    assert (row["name"], row["success"], row["customDimensions"]["responder.deployments.failed"]) == (
        "remediation",
        "False",
        "2",
    )
    assert f"{row['timestamp']:%Y-%m-%dT%H:%M:%S.%f%z}" == "2026-03-27T18:37:42.449696+0000"


async def test_counted_and_measured_numbers_are_rows_with_their_sums() -> None:
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string)

        told.count_round("verified")
        told.count_round("verified")
        told.observe_seconds("task to end", 2)
        told.observe_seconds("task to end", 5)
        await told.close()

    rows = {row["name"]: row for row in ingestion.rows()["customMetrics"]}
    assert rows["responder.rounds"]["valueSum"] == 2
    seconds = rows["responder.seconds"]
    assert [seconds[f"value{each}"] for each in ("Sum", "Count", "Min", "Max")] == [7, 2, 2, 5]


@pytest.mark.parametrize("packed", [True, False], ids=["gzipped", "plain"])
@pytest.mark.parametrize("lines", [True, False], ids=["lines", "an array"])
async def test_every_way_of_sending_is_understood(packed: bool, lines: bool) -> None:
    data = {"baseType": "MessageData", "baseData": {"message": "well", "severityLevel": 1}}
    item = {"name": "Message", "time": "2026-11-20T08:00:00Z", "iKey": "k", "tags": {}, "data": data}
    text = "\n".join(2 * [json.dumps(item)]) if lines else json.dumps(2 * [item])
    async with receiving() as ingestion, aiohttp.ClientSession() as session:
        body = gzip.compress(text.encode()) if packed else text.encode()

        async with session.post(f"{ingestion.url}/v2.1/track", data=body) as answer:
            told = await answer.json()

    assert told == {"itemsReceived": 2, "itemsAccepted": 2, "errors": []}
    assert counts(ingestion) == {**EMPTY, "traces": 2}


async def test_what_is_refused_is_in_no_table() -> None:
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string)

        ingestion.answer = Answer(206, refuses_every=2)
        told.tell_all((a_span(), a_span(CHILD)))
        await told.flush()
        ingestion.answer = Answer(400)
        told.tell(a_span("c" * 16))
        await told.flush()
        statuses = [request.status for request in ingestion.requests if "RemoteDependency" in request.body]
        await told.close()

    assert [row["id"] for row in ingestion.rows()["dependencies"]] == [CHILD]
    assert statuses == [206, 400]
