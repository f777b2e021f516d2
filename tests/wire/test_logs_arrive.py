"""What the app logs arrives where its telemetry goes, joined to the spans it belongs to, and without secrets."""

import logging

from responder.core import seen
from responder.core.case import State
from responder.core.log_line import event_answered, job_failed
from responder.core.span import Link
from responder.core.trace_plan import trace_of
from responder.core.transitions import record
from tests.adapters.test_telemetry import telemetry
from tests.core.builders import a_case, at
from tests.wire.collector import collecting
from tests.wire.ingestion import receiving

LOG = logging.getLogger("responder")


async def test_a_case_that_moves_is_a_row_of_traces_joined_to_its_round() -> None:
    case = a_case(State.OPENING)
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string)

        told.log_change_of_state(case, record(case, seen.Refused("400: no", "InvalidScope"), at(3)))
        await told.close()

    [row] = ingestion.rows()["traces"]
    root = trace_of(case)
    assert (row["operation_Id"], row["operation_ParentId"]) == (root.trace_id, root.span_id)
    assert (row["severityLevel"], row["message"]) == (1, f"case {case.id}: opening -> stopped (refused, refused)")
    assert (row["customDimensions"]["responder.log"], row["customDimensions"]["responder.error.code"]) == (
        "case moved",
        "InvalidScope",
    )


async def test_a_line_arrives_at_a_collector_with_its_span_and_its_severity() -> None:
    async with collecting() as collector:
        told = telemetry(otlp_endpoint=collector.url)

        line = event_answered("E1", "rejected", "bad-time", Link("a" * 32, "b" * 16))
        LOG.warning("event %s: %s", "E1", "rejected", extra={"line": line})
        await told.close()

    [found] = collector.lines
    assert (found.trace_id.hex(), found.span_id.hex()) == ("a" * 32, "b" * 16)
    assert (found.severity_text, found.body.string_value) == ("WARNING", "event E1: rejected")
    assert {each.key for each in found.attributes} >= {"responder.log", "responder.event.id", "responder.decision"}


async def test_what_was_raised_is_in_the_text_of_a_row_of_traces() -> None:
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string)

        try:
            raise RuntimeError("the table is away")
        except RuntimeError:
            LOG.exception("sweep: the job %r failed", "slots", extra={"line": job_failed("slots")})
        await told.close()

    [row] = ingestion.rows()["traces"]
    assert ingestion.rows()["exceptions"] == []
    assert row["message"].startswith("sweep: the job 'slots' failed\nTraceback")
    assert "RuntimeError: the table is away" in row["message"]


async def test_other_loggers_and_ignored_events_stay_at_home() -> None:
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string)

        LOG.debug("event E1: ignore")
        logging.getLogger("responder.host").info("POST /runtime/webhooks/EventGrid")
        logging.getLogger("azure.core.pipeline").error("Request URL")
        LOG.info("one line")
        await told.close()
        LOG.info("nobody listens any more")

    assert [row["message"] for row in ingestion.rows()["traces"]] == ["one line"]


async def test_no_token_and_no_key_is_sent() -> None:
    async with receiving() as ingestion:
        told = telemetry(application_insights=ingestion.connection_string)

        LOG.error("403 for Authorization: Bearer a-token-worth-a-tenant and AccountKey=c2VjcmV0; sig=abc%2F")
        await told.close()

    sent = " ".join(request.body for request in ingestion.requests)
    assert [word for word in ("a-token-worth", "c2VjcmV0", "abc%2F") if word in sent] == []
