"""The lines of log that alerts hang on, and the spans of rounds, arrive whatever storm or outage is on the way."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from opentelemetry._logs import LogRecord
from opentelemetry.sdk._logs import ReadableLogRecord, ReadWriteLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult

from responder.adapters.delivery import LastWord, Watch
from responder.adapters.telemetry import Telemetry
from responder.adapters.watched import MOST_KEPT, WatchedLogs
from responder.core.case import State, Stop
from responder.core.log_line import event_answered
from responder.core.span import Link
from tests.adapters.test_telemetry import a_span, telemetry
from tests.core.builders import a_case
from tests.wire.ingestion import Answer, Ingestion, receiving

_log = logging.getLogger("responder")


def stops(telling: Telemetry) -> None:
    """A case is given up: the one line that its ticket hangs on."""
    before = a_case(State.HELD)
    telling.log_change_of_state(before, replace(before, state=State.STOPPED, reason=Stop.GIVEN_UP.value))


def a_storm(events: int) -> None:
    """So many answers to events."""
    for number in range(events):
        line = event_answered(str(number), "remediate", "", Link("a" * 32, "b" * 16))
        _log.info("event %s: remediate", number, extra={"line": line})


def stopped(ingestion: Ingestion) -> int:
    return sum(
        row["customDimensions"].get("responder.reason") == Stop.GIVEN_UP.value for row in ingestion.rows()["traces"]
    )


async def test_a_case_that_stops_during_an_outage_of_several_sweeps_is_told_after_it_and_so_is_its_round() -> None:
    async with receiving() as ingestion:
        telling = telemetry(application_insights=ingestion.connection_string)
        ingestion.answer = Answer(400)
        stops(telling)
        telling.tell(a_span())
        await telling.flush_all()
        await telling.flush_all()  # as the sweep does at each of its ticks

        ingestion.answer = Answer()
        await telling.flush_all()
        await telling.close()

    assert (stopped(ingestion), len(ingestion.rows()["dependencies"])) == (1, 1)


async def test_a_storm_of_events_pushes_no_stopped_case_out() -> None:
    async with receiving() as ingestion:
        telling = telemetry(application_insights=ingestion.connection_string)
        ingestion.answer = Answer(after=1)

        a_storm(1000)
        stops(telling)
        a_storm(4000)
        ingestion.answer = Answer()
        await telling.flush_all()
        await telling.close()

    assert stopped(ingestion) == 1


class Refusing(LogRecordExporter):
    """An exporter to which nobody listens, until somebody does."""

    def __init__(self) -> None:
        self.taken: list[ReadableLogRecord] | None = None

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        if self.taken is None:
            return LogRecordExportResult.FAILURE
        self.taken.extend(batch)
        return LogRecordExportResult.SUCCESS

    def force_flush(self, timeout_millis: int = 10_000) -> bool:
        return True

    def shutdown(self) -> None:
        return None


def test_of_an_endless_outage_the_newest_lines_are_kept() -> None:
    exporter = Refusing()
    watched = WatchedLogs(exporter, Watch("nobody"), LastWord(), lambda: False, keeps=True)
    lines = [ReadWriteLogRecord(LogRecord(body=str(number))) for number in range(MOST_KEPT + 500)]
    for begin in range(0, len(lines), 500):
        watched.export(lines[begin : begin + 500])  # type: ignore[arg-type]

    exporter.taken = []
    watched.send_kept()

    assert exporter.taken == lines[-MOST_KEPT:]
