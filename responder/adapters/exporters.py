"""OpenTelemetry's exporters, built by setting, and our spans as the SDK wants them.

A span of ours is finished and has derived ids before it comes here, so no tracer makes it: it is handed to the
SDK's batching processors as the SDK's own read-only span. Everything heavy is imported here and only when a span
is told for the first time; without an exporter it is never imported.
"""

import os
from collections.abc import Sequence

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from responder.adapters.settings import Settings
from responder.core.span import Span
from responder.core.telemetry_names import SERVICE, VERSION

EXPORT_SECONDS = 5  # for one export; the work never waits for it longer
_METRICS_EVERY = 60_000  # milliseconds
_SCOPE = InstrumentationScope(SERVICE, VERSION)
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


def resource(settings: Settings) -> Resource:
    """Who speaks: the service, its version, and the function app where there is one."""
    told = {"service.name": SERVICE, "service.version": VERSION}
    if settings.site_name:
        told["faas.name"] = settings.site_name
    return Resource.create(told)


def span_processors(settings: Settings) -> tuple[BatchSpanProcessor, ...]:
    """One batching processor for each exporter that is set."""
    return tuple(BatchSpanProcessor(exporter, schedule_delay_millis=2000) for exporter in _span_exporters(settings))


def _span_exporters(settings: Settings) -> Sequence[SpanExporter]:
    exporters: list[SpanExporter] = []
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporters.append(OTLPSpanExporter(f"{settings.otlp_endpoint}/v1/traces", timeout=EXPORT_SECONDS))
    if settings.application_insights:
        _no_statistics_home()
        from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter

        exporters.append(
            AzureMonitorTraceExporter(
                connection_string=settings.application_insights, disable_offline_storage=True, timeout=EXPORT_SECONDS
            )
        )
    if not exporters and settings.console and not settings.trace_file:
        exporters.append(ConsoleSpanExporter(formatter=lambda span: f"{span.to_json(indent=None)}\n"))
    return exporters


def meter_provider(settings: Settings, speaker: Resource) -> MeterProvider:
    """A provider with one periodic reader for each exporter that is set."""
    readers = [PeriodicExportingMetricReader(each, _METRICS_EVERY) for each in _metric_exporters(settings)]
    return MeterProvider(readers, speaker)


def _metric_exporters(settings: Settings) -> Sequence[MetricExporter]:
    exporters: list[MetricExporter] = []
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

        exporters.append(OTLPMetricExporter(f"{settings.otlp_endpoint}/v1/metrics", timeout=EXPORT_SECONDS))
    if settings.application_insights:
        _no_statistics_home()
        from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter

        exporters.append(
            AzureMonitorMetricExporter(
                connection_string=settings.application_insights, disable_offline_storage=True, timeout=EXPORT_SECONDS
            )
        )
    return exporters


def _no_statistics_home() -> None:
    """Azure Monitor's exporter reports on itself, to Microsoft and to us, and retries that when the process ends.

    From behind a firewall it is only noise. The switches are environment variables; who sets them is obeyed.
    """
    os.environ.setdefault("APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL", "true")
    os.environ.setdefault("APPLICATIONINSIGHTS_SDKSTATS_DISABLED", "true")


def readable(span: Span, speaker: Resource) -> ReadableSpan:
    """Our span as the SDK's, with exactly its ids, times, links and status."""
    return ReadableSpan(
        name=str(span.name),
        context=_context(span.trace_id, span.span_id),
        parent=_context(span.trace_id, span.parent_span_id) if span.parent_span_id else None,
        resource=speaker,
        attributes={str(name): value for name, value in span.attributes.items()},
        links=tuple(Link(_context(link.trace_id, link.span_id)) for link in span.links),
        kind=SpanKind[span.kind],
        status=Status(StatusCode.UNSET) if span.error is None else Status(StatusCode.ERROR, span.error),
        start_time=span.start * 100,  # ticks are 100 ns
        end_time=span.end * 100,
        instrumentation_scope=_SCOPE,
    )


def _context(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=_SAMPLED)
