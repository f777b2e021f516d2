"""A whole story, as it arrives: two vaults are remediated, a third fails until it is given up, others are not for us.

One run of the app, its host and the simulated Azure; its telemetry goes to Application Insights and to a collector.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from responder.core.telemetry_names import Attr, MetricName, SpanName
from responder.local.azurite import Azurite
from tests.conftest import KEY, account
from tests.core.builders import ASSIGNMENT, GROUP, vault
from tests.scenarios.estates import an_estate, an_event
from tests.wire.collector import collecting
from tests.wire.shared import made_once
from tests.wire.site import lines, named, watched
from tests.wire.tables import Row, Tables

pytestmark = pytest.mark.asyncio(loop_scope="module")


Named = tuple[object, object, object, object]


@dataclass(frozen=True, slots=True)
class Story:
    """What was told: tables, what went over the wire word for word, the file of spans, and a collector's."""

    tables: Tables
    sent: str
    headers: list[dict[str, str]]
    in_file: set[Named]
    collected: set[Named]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(azurite: Azurite, account_names: Iterator[str], tmp_path_factory: pytest.TempPathFactory) -> Story:
    async def play() -> Story:
        return await played(account(azurite, next(account_names)), tmp_path_factory.mktemp("story"))

    return await made_once("a-round-arrives", play, tmp_path_factory)


async def played(storage: str, folder: Path) -> Story:
    estate = an_estate("kv1", "kv2", "kv3", kv3="fails")
    async with collecting() as collector:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "IDENTITY_HEADER": "secret-of-the-platform"}
        async with watched(storage, folder, estate, **settings) as site:
            for name in ("kv1", "kv2", "kv3", "break-glass"):
                await site.laptop.deliver(an_event(name))
            await site.laptop.deliver(an_event("kv1", data={"timestamp": "yesterday"}))
            await site.over()
            await site.row("customMetrics", lambda row: row["name"] == "responder.cases", "cases")
            tables = await site.said()
            requests, spans = site.ingestion.requests, site.laptop.spans()
    return Story(
        tables=tables,
        sent="".join(request.body for request in requests),
        headers=[request.headers for request in requests],
        in_file={(span["name"], span["traceId"], span["spanId"], span["parentSpanId"]) for span in spans},
        collected={
            (span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()) for span in collector.spans
        },
    )


def first_round(tables: Tables) -> list[Row]:
    """Every span of the group's first round."""
    root = next(row for row in named(tables, "remediation") if row["customDimensions"]["responder.scope"] == GROUP)
    return [row for row in tables["dependencies"] if row["operation_Id"] == root["operation_Id"]]


async def test_a_round_is_one_trace_with_all_of_its_spans(story: Story) -> None:
    spans = first_round(story.tables)

    counted = Counter(row["name"] for row in spans)
    assert counted == {"remediation": 1, "confirm": 1, "open": 1, "run": 1, "deployment": 3}
    assert len({row["id"] for row in spans}) == len(spans)


async def test_its_spans_are_joined_each_to_its_parent(story: Story) -> None:
    spans = first_round(story.tables)

    names = {row["id"]: row["name"] for row in spans}
    parents = {(row["name"], names.get(row["operation_ParentId"], "")) for row in spans}
    assert parents == {
        ("remediation", ""),
        ("confirm", "remediation"),
        ("open", "remediation"),
        ("run", "remediation"),
        ("deployment", "run"),
    }


async def test_each_lies_within_the_time_of_its_parent(story: Story) -> None:
    spans = {row["id"]: row for row in first_round(story.tables)}

    def begin_and_end(row: Row) -> tuple[float, float]:
        begin = row["timestamp"].timestamp()
        return begin, begin + row["duration"] / 1000

    for row in spans.values():
        if row["operation_ParentId"]:
            outer, inner = begin_and_end(spans[row["operation_ParentId"]]), begin_and_end(row)
            assert outer[0] <= inner[0] + 0.002
            assert inner[1] <= outer[1] + 0.002
    run = next(row for row in spans.values() if row["name"] == "run")
    assert timedelta(milliseconds=run["duration"]) > timedelta(milliseconds=100)


async def test_a_round_links_to_the_events_that_it_came_of(story: Story) -> None:
    [root] = [row for row in first_round(story.tables) if row["name"] == "remediation"]

    links = {(link["operation_Id"], link["id"]) for link in json.loads(root["customDimensions"]["_MS.links"])}
    events = {
        (row["operation_Id"], row["id"])
        for row in story.tables["requests"]
        if row["customDimensions"].get("responder.resource") in {vault(name) for name in ("kv1", "kv2", "kv3")}
    }
    assert len(links) == 3
    assert links <= events


async def test_what_failed_says_for_which_resource_with_which_error(story: Story) -> None:
    spans = first_round(story.tables)

    [failed] = [row for row in spans if row["name"] == "deployment" and row["success"] == "False"]
    told = failed["customDimensions"]
    [root] = [row for row in spans if row["name"] == "remediation"]
    assert (told["responder.resource"], bool(told["responder.error.code"]), bool(told["responder.error.message"])) == (
        vault("kv3"),
        True,
        True,
    )
    assert (root["success"], root["customDimensions"]["responder.outcome"]) == ("False", "partly-failed")
    assert [root["customDimensions"][f"responder.deployments.{each}"] for each in ("total", "failed")] == ["3", "1"]


async def test_the_verification_joins_the_trace_of_its_round(story: Story) -> None:
    roots = {row["operation_Id"]: row["id"] for row in named(story.tables, "remediation")}

    for row in named(story.tables, "verify"):
        assert row["operation_ParentId"] == roots[row["operation_Id"]]


async def test_every_line_about_a_case_is_in_the_trace_of_its_round(story: Story) -> None:
    roots = {row["operation_Id"]: row["id"] for row in named(story.tables, "remediation")}
    moved = lines(story.tables, "case moved")
    of_rounds = [row for row in moved if row["operation_Id"] in roots]

    assert len(of_rounds) >= 6
    assert all(row["operation_ParentId"] == roots[row["operation_Id"]] for row in of_rounds)
    assert {row["customDimensions"]["responder.assignment"] for row in moved} == {ASSIGNMENT}


async def test_a_case_that_is_given_up_says_why_and_with_which_code(story: Story) -> None:
    [stopped] = [
        row for row in lines(story.tables, "case moved") if row["customDimensions"]["responder.state"] == "stopped"
    ]

    [failed, *_] = [row for row in named(story.tables, "deployment") if row["success"] == "False"]
    assert stopped["customDimensions"]["responder.reason"] == "given-up"
    assert stopped["customDimensions"]["responder.error.code"] == failed["customDimensions"]["responder.error.code"]


async def test_every_line_about_an_event_is_under_its_span(story: Story) -> None:
    events = {row["id"]: row["operation_Id"] for row in story.tables["requests"]}
    answered = lines(story.tables, "event answered")

    assert {row["customDimensions"]["responder.decision"] for row in answered} >= {"remediate", "rejected"}
    assert all(events[row["operation_ParentId"]] == row["operation_Id"] for row in answered)
    assert not any(row["customDimensions"]["responder.decision"] == "ignore" for row in answered)


async def test_numbers_add_up_to_what_happened(story: Story) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for row in story.tables["customMetrics"]:
        for attribute in ("responder.decision", "responder.outcome", "responder.deployment.status"):
            if attribute in row["customDimensions"]:
                sums[row["name"], row["customDimensions"][attribute]] += row["valueSum"]

    decided = Counter(row["customDimensions"]["responder.decision"] for row in story.tables["requests"])
    assert {word: sums["responder.events", word] for word in decided} == decided
    assert (sums["responder.rounds", "partly-failed"], sums["responder.rounds", "failed"]) == (1, 1)
    assert (sums["responder.deployments", "Succeeded"], sums["responder.deployments", "Failed"]) == (2, 2)


async def test_the_sweep_is_heard_of(story: Story) -> None:
    turns = [row["customDimensions"] for row in story.tables["customMetrics"] if row["name"] == "responder.sweep.jobs"]

    assert {turn["responder.job"] for turn in turns} >= {"cases", "slots", "poison", "retention", "gauges"}
    assert {turn["responder.result"] for turn in turns} == {"done"}


async def test_nothing_is_told_under_a_name_that_is_not_documented(story: Story) -> None:
    spans = [*story.tables["requests"], *story.tables["dependencies"]]
    everything = [row for table in story.tables.values() for row in table]
    attributes = {name for row in everything for name in row["customDimensions"]}

    assert {row["name"] for row in spans} <= set(SpanName)
    assert {row["name"] for row in story.tables["customMetrics"]} <= set(MetricName)
    assert attributes - set(Attr) <= {"_MS.links", "logger_name"}


async def test_no_secret_and_no_token_is_sent(story: Story) -> None:
    assert [secret for secret in (KEY, "AccountKey", "secret-of-the-platform", "Bearer ") if secret in story.sent] == []
    assert [headers for headers in story.headers if "Authorization" in headers] == []


async def test_the_file_the_collector_and_application_insights_are_told_the_same(story: Story) -> None:
    rows = [*story.tables["requests"], *story.tables["dependencies"]]

    assert {(row["name"], row["operation_Id"], row["id"], row["operation_ParentId"]) for row in rows} == story.in_file
    assert story.collected == story.in_file
