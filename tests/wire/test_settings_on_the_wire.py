"""What settings do to what is sent: sampling, who speaks, and how numbers are put together."""

import logging

import pytest

from responder.adapters.exporters import SECONDS
from responder.adapters.spread import MOST
from responder.core.sampling import is_told
from responder.core.span import Span
from responder.core.telemetry_names import Attr, MetricName
from tests.adapters.test_telemetry import a_span, telemetry
from tests.core.test_sampling import TRACES
from tests.wire.collector import collecting
from tests.wire.ingestion import Ingestion, receiving

KNOWN = {str(name) for name in MetricName}


def an_event(trace: str, decision: str) -> Span:
    attributes = {"responder.decision": decision, "responder.event.id": "E1"}
    return a_span(trace_id=trace, name="policy state change", kind="CONSUMER", attributes=attributes)


async def events_told(ingestion: Ingestion, decision: str, ratio: float) -> list[str]:
    """Tell of very many events as the door does; the traces that arrived."""
    told = telemetry(application_insights=ingestion.connection_string, event_sampling=ratio)
    for trace in TRACES[:1000]:
        if told.wants_event(trace, decision):
            told.tell_event(an_event(trace, decision))
    await told.close()
    return [row["operation_Id"] for row in ingestion.rows()["requests"]]


async def test_of_ignored_events_a_part_is_told_and_counts_for_all() -> None:
    async with receiving() as ingestion:
        found = await events_told(ingestion, "ignore", 0.1)

    assert found == [trace for trace in TRACES[:1000] if is_told(trace, 0.1)]
    assert {row["itemCount"] for row in ingestion.rows()["requests"]} == {10}
    assert all("sampleRate" not in name for row in ingestion.rows()["requests"] for name in row["customDimensions"])


@pytest.mark.parametrize("decision", ["remediate", "unknown", "rejected", "withdrawn"])
async def test_every_other_event_is_told(decision: str) -> None:
    async with receiving() as ingestion:
        found = await events_told(ingestion, decision, 0.0)

    assert len(found) == 1000
    assert {row["itemCount"] for row in ingestion.rows()["requests"]} == {1}


async def test_no_trace_of_a_round_is_sampled() -> None:
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string, event_sampling=0.0)

        told.tell_all([a_span(trace_id=trace) for trace in TRACES[:200]])
        await told.close()

    assert len(ingestion.rows()["dependencies"]) == 200
    assert {row["itemCount"] for row in ingestion.rows()["dependencies"]} == {1}


async def test_a_collector_learns_of_the_sampling_by_the_trace_state() -> None:
    trace = next(each for each in TRACES if is_told(each, 0.5))
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url, event_sampling=0.5)

        told.tell_event(an_event(trace, "ignore"))
        told.tell_event(an_event(trace, "remediate"))
        await told.close()

    assert [span.trace_state for span in collector.spans] == ["ot=th:8", ""]


async def test_everything_says_which_app_and_instance_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=prod,service.namespace=platform")
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url, site_name="func-a", region="westeurope", instance="i-1")

        told.tell(a_span())
        await told.close()

    resource = collector.traces[0].resource_spans[0].resource
    found = {each.key: each.value.string_value for each in resource.attributes if "telemetry.sdk" not in each.key}
    assert found.pop("service.instance.id").startswith("i-1-")
    assert found == {
        "service.name": "azure-policy-responder",
        "service.version": "0.1.0",
        "service.namespace": "platform",
        "cloud.provider": "azure",
        "cloud.platform": "azure_functions",
        "cloud.region": "westeurope",
        "faas.name": "func-a",
        "faas.instance": "i-1",
        "deployment.environment": "prod",
    }


async def test_the_rows_of_application_insights_say_it_too() -> None:
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string, site_name="func-a", instance="i-1")

        told.tell(a_span())
        told.count_round("verified")
        await told.close()

    rows = [row for table in ingestion.rows().values() for row in table]
    assert {(row["cloud_RoleName"], row["application_Version"]) for row in rows} == {
        ("azure-policy-responder", "0.1.0")
    }
    assert {row["cloud_RoleInstance"].rpartition("-")[0] for row in rows} == {"i-1"}


async def test_nothing_is_measured_that_the_app_did_not_measure() -> None:
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string)

        told.tell(a_span())
        told.count_round("verified")
        told.observe_seconds("task to end", 3)
        await told.flush_all()
        await told.close()

    assert {row["name"] for row in ingestion.rows()["customMetrics"]} <= KNOWN
    assert {request.path.lstrip("/") for request in ingestion.requests} == {"v2.1/track"}


async def test_seconds_have_buckets_from_a_second_to_a_day() -> None:
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url)

        told.observe_seconds("end to verified", 1800)
        await told.close()

    [metric] = collector.metrics[0].resource_metrics[0].scope_metrics[0].metrics
    [point] = metric.histogram.data_points
    assert tuple(point.explicit_bounds) == SECONDS
    assert (SECONDS[0], SECONDS[-1]) == (1, 86400)


async def test_foreign_words_do_not_make_numbers_without_end() -> None:
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string)

        for number in range(MOST + 500):
            told.count_deployments(f"Odd{number}", 1)
        await told.close()

    rows = ingestion.rows()["customMetrics"]
    assert len(rows) == MOST + 1
    assert sum(row["valueSum"] for row in rows) == MOST + 500
    assert [row["valueSum"] for row in rows if str(Attr.DEPLOYMENT_STATUS) not in row["customDimensions"]] == [500]


async def test_words_that_cannot_be_encoded_take_nothing_else_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("responder"), "propagate", False)  # the test's own report cannot hold them
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url)

        told.tell_all(
            [a_span("1" * 16), a_span("2" * 16, attributes={"responder.because": "\ud800 é"}, error="\udc00")]
        )
        told.count_deployments("Odd\ud800", 1)
        logging.getLogger("responder").warning("it says %s", "\ud800")
        await told.close()

    assert [
        each.value.string_value for span in collector.spans for each in span.attributes if "because" in each.key
    ] == ["? é"]
    assert (len(collector.spans), len(collector.metrics), len(collector.lines)) == (2, 1, 1)
