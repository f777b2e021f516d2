"""When nobody takes what the app tells: the work goes on, memory stays bounded, and one line of log says so."""

import logging
import time
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from responder.adapters.delivery import LastWord, Watch
from responder.adapters.telemetry import Telemetry
from responder.adapters.watched import MOST_KEPT, WatchedSpans
from tests.adapters.test_telemetry import a_span, telemetry
from tests.wire.collector import collecting
from tests.wire.ingestion import Answer, Ingestion, receiving

NOWHERE = "InstrumentationKey=00000000-0000-4000-8000-0000000000aa;IngestionEndpoint=http://127.0.0.1:9/"


async def told(telemetry: Telemetry, number: int) -> float:
    """Tell a round and wait as the work does; how long that took."""
    began = time.monotonic()
    telemetry.tell(a_span(f"{number:016x}"))
    telemetry.count_round("verified")
    await telemetry.flush()
    return time.monotonic() - began


def ids(ingestion: Ingestion) -> set[str]:
    return {row["id"] for row in ingestion.rows()["dependencies"]}


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("status", [400, 401, 402, 429, 439, 503])
async def test_an_endpoint_that_refuses_costs_one_line_of_log_and_no_work(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with receiving() as ingestion:
        telling = telemetry(application_insights=ingestion.connection_string)
        ingestion.answer = Answer(status)

        first = await told(telling, 1)
        second = await told(telling, 2)

        assert (first < 8.5, second < 1.5) == (True, True)
        assert [line for line in warnings(caplog) if "Application Insights does not take telemetry" not in line] == []
        assert len(warnings(caplog)) == 1
        ingestion.answer = Answer()
        await telling.close()


async def test_an_endpoint_that_is_away_costs_one_line_of_log_and_no_work(caplog: pytest.LogCaptureFixture) -> None:
    telling = telemetry(application_insights=NOWHERE)

    took = [await told(telling, number) for number in range(3)]
    await telling.close()

    assert took[0] < 8.5
    assert max(took[1:]) < 1.5
    assert len(warnings(caplog)) == 1


async def test_an_endpoint_that_is_slower_than_an_export_may_take_does_not_hold_the_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with receiving() as ingestion:
        telling = telemetry(application_insights=ingestion.connection_string)
        ingestion.answer = Answer(after=30)

        first = await told(telling, 1)
        second = await told(telling, 2)

        assert first < 8.5
        assert second < 8.5
        assert len(warnings(caplog)) == 1
        ingestion.answer = Answer()
        await telling.close()


async def test_rounds_that_were_told_during_an_outage_arrive_after_it(caplog: pytest.LogCaptureFixture) -> None:
    async with receiving() as ingestion:
        telling = telemetry(application_insights=ingestion.connection_string)
        ingestion.answer = Answer(400)
        await told(telling, 1)
        await told(telling, 2)

        ingestion.answer = Answer()
        await told(telling, 3)
        await telling.close()

    assert ids(ingestion) == {f"{number:016x}" for number in (1, 2, 3)}
    assert "Application Insights takes telemetry again" in caplog.text


async def test_what_was_not_taken_is_sent_again_by_the_next_sweep_where_no_round_follows() -> None:
    async with receiving() as ingestion:
        telling = telemetry(application_insights=ingestion.connection_string)
        ingestion.answer = Answer(400)
        await told(telling, 1)

        ingestion.answer = Answer()
        await telling.flush_all()
        await telling.close()

    assert ids(ingestion) == {f"{1:016x}"}


class Refusing(SpanExporter):
    """An exporter to which nobody listens, until somebody does."""

    def __init__(self) -> None:
        self.taken: list[ReadableSpan] | None = None

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self.taken is None:
            return SpanExportResult.FAILURE
        self.taken.extend(spans)
        return SpanExportResult.SUCCESS


def test_of_an_endless_outage_the_newest_spans_are_kept() -> None:
    exporter = Refusing()
    watched = WatchedSpans(exporter, Watch("nobody"), LastWord(), lambda: False, keeps=True)
    spans = [ReadableSpan(f"{number}") for number in range(MOST_KEPT + 500)]
    for begin in range(0, len(spans), 500):
        watched.export(spans[begin : begin + 500])

    exporter.taken = []
    watched.send_kept()

    assert exporter.taken == spans[-MOST_KEPT:]


async def test_what_is_taken_in_part_is_a_line_of_log_too_and_nothing_is_there_twice(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with receiving() as ingestion:
        telling = telemetry(application_insights=ingestion.connection_string)
        ingestion.answer = Answer(206, refuses_every=2, refuses_with=400)

        telling.tell_all([a_span(f"{number:016x}") for number in range(1, 5)])
        await telling.flush()
        ingestion.answer = Answer()
        await telling.close()

    assert len(warnings(caplog)) == 1
    assert [row["id"] for row in ingestion.rows()["dependencies"]] == [f"{number:016x}" for number in (2, 4)]


async def test_a_storm_of_events_pushes_no_round_out() -> None:
    async with receiving() as ingestion:
        telling = telemetry(application_insights=ingestion.connection_string)
        ingestion.answer = Answer(after=1)

        telling.tell(a_span("1" * 16))
        for number in range(3000):
            telling.tell_event(a_span(f"{number + 2:016x}", name="policy state change", kind="CONSUMER"))
        telling.tell(a_span("2" * 16))
        await telling.flush()
        rounds = ids(ingestion)
        ingestion.answer = Answer()
        await telling.close()

    assert {"1" * 16, "2" * 16} <= rounds


async def test_a_refusing_collector_is_one_line_of_log_too(caplog: pytest.LogCaptureFixture) -> None:
    async with collecting(400) as collector:
        telling = telemetry(otlp_endpoint=collector.url)

        await told(telling, 1)
        await told(telling, 2)

        assert len(warnings(caplog)) == 1
        assert warnings(caplog)[0].startswith("the OTLP collector does not take telemetry")
        collector.status = 200
        await telling.close()


async def test_what_cannot_be_set_up_is_tried_once(caplog: pytest.LogCaptureFixture) -> None:
    telling = telemetry(application_insights="InstrumentationKey=not-a-uuid;IngestionEndpoint=http://127.0.0.1:9/")

    for number in range(3):
        await told(telling, number)
    await telling.close()

    assert len([line for line in warnings(caplog) if "telemetry (export) failed" in line]) == 1
    assert telling.failures["export"] == 3
