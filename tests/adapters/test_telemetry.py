"""What is told arrives, exactly; and nothing that goes wrong on the way reaches the work."""

import asyncio
import json
import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan

from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from responder.adapters.telemetry import Telemetry, start_telemetry
from responder.core import instant
from responder.core.case import State
from responder.core.outcome import Outcome
from responder.core.span import Link, Span
from tests.core.builders import a_case
from tests.wire.collector import collecting

START = instant.ticks("2026-03-27T18:37:42.4496956Z")
TRACE, ROOT, CHILD = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "00f067aa0ba902b8"


def a_span(span_id: str = ROOT, **change: object) -> Span:
    span = Span(
        name="remediation",
        trace_id=TRACE,
        span_id=span_id,
        start=START,
        end=START + 15,
        attributes={"responder.outcome": "partly-failed", "responder.deployments.failed": 2},
    )
    return replace(span, **change)  # type: ignore[arg-type]


def telemetry(**settings: object) -> Telemetry:
    return start_telemetry(Settings(storage=Storage(), **settings))  # type: ignore[arg-type]


async def test_a_span_arrives_with_exactly_its_ids_times_links_and_status() -> None:
    child = a_span(CHILD, parent_span_id=ROOT, kind="CLIENT", error="2 failed", links=(Link("a" * 32, "b" * 16),))
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url)

        told.tell(child)
        await told.flush()
        await told.close()

    (span,) = collector.spans
    assert (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()) == (TRACE, CHILD, ROOT)
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (START * 100, START * 100 + 1500)
    assert (span.kind, span.status.code, span.status.message) == (WireSpan.SPAN_KIND_CLIENT, 2, "2 failed")
    assert [(link.trace_id.hex(), link.span_id.hex()) for link in span.links] == [("a" * 32, "b" * 16)]


async def test_the_resource_says_which_app_speaks() -> None:
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url, site_name="func-responder")

        told.tell(a_span())
        await told.close()

    attributes = {
        each.key: each.value.string_value for each in collector.traces[0].resource_spans[0].resource.attributes
    }
    assert attributes["service.name"] == "azure-policy-responder"
    assert attributes["faas.name"] == "func-responder"


async def test_what_was_told_already_is_not_told_again_but_news_of_the_same_span_is() -> None:
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url)

        told.tell_all((a_span(), a_span()))
        told.tell(a_span())
        told.tell(a_span(attributes={"responder.outcome": "verified"}))
        await told.close()

    assert len(collector.spans) == 2


async def test_spans_go_to_the_file_and_to_the_collector_when_both_are_set(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url, trace_file=str(path))

        told.tell_all((a_span(), a_span(CHILD)))
        await told.close()

    assert len(collector.spans) == 2
    assert len(path.read_text().splitlines()) == 2


async def test_numbers_arrive_with_their_dimensions() -> None:
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url)

        told.count_event("remediate", "rule")
        told.count_event("remediate", "rule")
        told.count_round("verified")
        told.count_deployments("Failed", 7)
        told.count_arm("PUT remediations", 429)
        told.count_arm("PUT remediations", None)
        told.observe_seconds("scan to event", 12.5)
        await told.close()

    numbers = {
        (metric.name, *sorted(each.value.string_value for each in point.attributes)): point.as_int
        for request in collector.metrics
        for metric in request.resource_metrics[0].scope_metrics[0].metrics
        for point in metric.sum.data_points
    }
    assert numbers == {
        ("responder.events", "remediate", "rule"): 2,
        ("responder.rounds", "verified"): 1,
        ("responder.deployments", "Failed"): 7,
        ("responder.arm.calls", "429", "PUT remediations"): 1,
        ("responder.arm.calls", "PUT remediations", "none"): 1,
    }


async def test_azure_monitor_gets_the_span_with_our_attributes() -> None:
    async with collecting() as collector:
        connection = f"InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint={collector.url}/"
        told = telemetry(application_insights=connection)

        told.tell(a_span(error="2 of 5 failed"))
        await told.flush()
        received = json.dumps(collector.tracked)
        await told.close()

    assert TRACE in received
    assert '"responder.outcome": "partly-failed"' in received


@pytest.mark.parametrize("status", [400, 503])
async def test_a_collector_that_refuses_never_reaches_the_work(status: int) -> None:
    async with collecting(status) as collector:
        told = telemetry(otlp_endpoint=collector.url)
        began = asyncio.get_running_loop().time()

        told.tell(a_span())
        told.count_event("ignore", "no-rule-matches")
        await told.flush()

        assert asyncio.get_running_loop().time() - began < 9
        collector.status = 200
        await told.close()


async def test_a_trace_file_that_cannot_be_written_is_logged_once_and_the_work_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = telemetry(trace_file=str(tmp_path / "missing" / "traces.jsonl"))

    with caplog.at_level(logging.INFO, "responder"):
        told.tell(a_span())
        told.tell(a_span(CHILD))
    await told.close()

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "trace-file" in caplog.text
    assert told.failures == {"trace-file": 2}


async def test_a_span_that_cannot_be_told_does_not_raise() -> None:
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url)

        told.tell(a_span(trace_id="not hexadecimal"))
        told.tell(a_span(CHILD))
        await told.close()

    assert [span.span_id.hex() for span in collector.spans] == [CHILD]
    assert told.failures == {"export": 1}


async def test_a_change_of_state_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    told = telemetry()
    gathering, verifying = a_case(), a_case(State.VERIFYING)

    with caplog.at_level(logging.INFO, "responder"):
        told.log_change_of_state(gathering, replace(gathering, state=State.HELD, reason="waiting-for-task"))
        told.log_change_of_state(verifying, replace(verifying, state=State.CLOSED, outcome=Outcome.VERIFIED))

    assert [record.getMessage() for record in caplog.records] == [
        f"case {gathering.id}: gathering -> held (waiting-for-task)",
        f"case {gathering.id}: verifying -> closed (verified)",
    ]


CHEAP = """
import sys
from responder.adapters.settings import read_settings
from responder.adapters.telemetry import start_telemetry
from responder.adapters.arm import ArmClients
settings = read_settings({"AzureWebJobsStorage": "UseDevelopmentStorage=true"})
telemetry = start_telemetry(settings)
telemetry.count_event("ignore", "no-rule-matches")
ArmClients(settings, telemetry.count_arm)
heavy = "opentelemetry.sdk opentelemetry.exporter azure.monitor azure.mgmt azure.identity requests aiohttp"
print([name for name in heavy.split() if name in sys.modules])
"""


def test_what_is_not_used_is_not_imported() -> None:
    root = str(Path(__file__).parents[2])

    told = subprocess.run([sys.executable, "-c", CHEAP], cwd=root, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


CONSOLE = """
import asyncio
from responder.adapters.settings import read_settings
from responder.adapters.telemetry import start_telemetry
from responder.core.span import Span
async def main():
    environment = {"AzureWebJobsStorage": "UseDevelopmentStorage=true", "OTEL_TRACES_EXPORTER": "console"}
    telemetry = start_telemetry(read_settings(environment))
    telemetry.tell(Span("open", "a" * 32, "b" * 16, 1, 2))
    await telemetry.close()
asyncio.run(main())
"""


def test_the_console_shows_one_span_a_line() -> None:
    root = str(Path(__file__).parents[2])

    told = subprocess.run([sys.executable, "-c", CONSOLE], cwd=root, capture_output=True, text=True, check=True)

    (line,) = told.stdout.splitlines()
    assert json.loads(line)["name"] == "open"
