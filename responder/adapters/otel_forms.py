"""Our spans and lines of log as OpenTelemetry's SDK wants them.

A span of ours is finished and has derived ids before it comes here, so no tracer makes it: it becomes the SDK's own
read-only span, with exactly its ids, times, links and status. A line of log gets the span that it belongs to.
"""

import logging
from collections.abc import Mapping

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LogRecordLimits, ReadWriteLogRecord
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from responder.adapters.arm_error import without_secrets
from responder.core import span
from responder.core.legible import encodable
from responder.core.log_line import LogLine
from responder.core.sampling import threshold
from responder.core.span import Attribute
from responder.core.telemetry_names import SERVICE, VERSION, LogName

LONGEST_LINE = 8000
_SCOPE = InstrumentationScope(SERVICE, VERSION)
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_SEVERITY = {
    logging.DEBUG: SeverityNumber.DEBUG,
    logging.INFO: SeverityNumber.INFO,
    logging.WARNING: SeverityNumber.WARN,
    logging.ERROR: SeverityNumber.ERROR,
    logging.CRITICAL: SeverityNumber.FATAL,
}
_SAMPLE_RATE = "_MS.sampleRate"  # the exporter takes it off the attributes and puts it where the service reads it
_LIMITS = LogRecordLimits()  # made anew it reads the environment
_WORDS = logging.Formatter()


def readable(told: span.Span, speaker: Resource, ratio: float = 1.0) -> ReadableSpan:
    """Our span as the SDK's, with exactly its ids, times, links and status.

    One that was chosen by a ratio stands for the others: Application Insights then counts it as `itemCount` of
    them, and collectors that know consistent sampling do so by the trace state.
    """
    attributes = _encodable(told.attributes)
    if ratio < 1.0:
        attributes[_SAMPLE_RATE] = ratio * 100
    return ReadableSpan(
        name=str(told.name),
        context=_context(told.trace_id, told.span_id, ratio),
        parent=_context(told.trace_id, told.parent_span_id) if told.parent_span_id else None,
        resource=speaker,
        attributes=attributes,
        links=tuple(Link(_context(link.trace_id, link.span_id)) for link in told.links),
        kind=SpanKind[told.kind],
        status=Status(StatusCode.UNSET) if told.error is None else Status(StatusCode.ERROR, encodable(told.error)),
        start_time=told.start * 100,  # ticks are 100 ns
        end_time=told.end * 100,
        instrumentation_scope=_SCOPE,
    )


def line_of_log(record: logging.LogRecord, speaker: Resource) -> ReadWriteLogRecord:
    """A record of Python's as OpenTelemetry's. What was raised is part of the text: it stays one line of log.

    (With attributes of their own, exceptions would go to another table of Application Insights.)
    """
    line = getattr(record, "line", None)
    known = line if isinstance(line, LogLine) else None
    here = known.span if known else None
    return ReadWriteLogRecord(
        LogRecord(
            timestamp=int(record.created * 1e9),
            context=set_span_in_context(NonRecordingSpan(_context(here.trace_id, here.span_id))) if here else None,
            severity_text=record.levelname,
            severity_number=_SEVERITY.get(record.levelno, SeverityNumber.UNSPECIFIED),
            body=encodable(without_secrets(_WORDS.format(record)[:LONGEST_LINE])),
            attributes=_encodable(known.told) if known else {},
        ),
        resource=speaker,
        instrumentation_scope=_SCOPE,
        limits=_LIMITS,
    )


def is_answer(record: logging.LogRecord) -> bool:
    """Whether a line says what an event was answered: there may be thousands of them, and alerts hang on none."""
    line = getattr(record, "line", None)
    return isinstance(line, LogLine) and line.name is LogName.EVENT_ANSWERED


def _encodable(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """One text that cannot be encoded would lose everything that is sent with it."""
    return {str(name): encodable(value) if isinstance(value, str) else value for name, value in attributes.items()}


def _context(trace_id: str, span_id: str, ratio: float = 1.0) -> SpanContext:
    state = TraceState([("ot", f"th:{threshold(ratio)}")]) if ratio < 1.0 else None
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=_SAMPLED, trace_state=state)
