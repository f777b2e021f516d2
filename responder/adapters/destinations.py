"""Where telemetry goes: OpenTelemetry's exporters, by setting. Heavy, and imported only when something is told."""

import os
from collections.abc import Sequence
from typing import Protocol

from opentelemetry.sdk._logs.export import LogRecordExporter
from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter

from responder.adapters.settings import Settings

EXPORT_SECONDS = 5  # for one export; the work never waits for it longer


class Destination(Protocol):
    """Somewhere that takes telemetry; each call gives an exporter of its own, with its own connections."""

    def spans(self) -> SpanExporter:
        """An exporter of spans."""

    def logs(self) -> LogRecordExporter:
        """An exporter of lines of log."""

    def metrics(self) -> MetricExporter:
        """An exporter of numbers."""


def destinations(settings: Settings) -> Sequence[Destination]:
    """Every destination that is set."""
    found: list[Destination] = []
    if settings.otlp_endpoint:
        found.append(Otlp(settings.otlp_endpoint))
    if settings.application_insights:
        found.append(AzureMonitor(settings.application_insights))
    return found


def console() -> SpanExporter:
    """One span a line on standard output."""
    return ConsoleSpanExporter(formatter=lambda span: f"{span.to_json(indent=None)}\n")


class Otlp:
    """A collector that speaks OTLP over HTTP."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def spans(self) -> SpanExporter:
        """An exporter of spans."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter(f"{self._endpoint}/v1/traces", timeout=EXPORT_SECONDS)

    def logs(self) -> LogRecordExporter:
        """An exporter of lines of log."""
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

        return OTLPLogExporter(f"{self._endpoint}/v1/logs", timeout=EXPORT_SECONDS)

    def metrics(self) -> MetricExporter:
        """An exporter of numbers."""
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

        return OTLPMetricExporter(f"{self._endpoint}/v1/metrics", timeout=EXPORT_SECONDS)


class AzureMonitor:
    """Application Insights. Nothing is kept on disk: an instance may be gone before it could be sent again."""

    def __init__(self, connection_string: str) -> None:
        _no_statistics_home()
        self._connection_string = connection_string

    def spans(self) -> SpanExporter:
        """An exporter of spans."""
        from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter

        return AzureMonitorTraceExporter(**self._options())

    def logs(self) -> LogRecordExporter:
        """An exporter of lines of log."""
        from azure.monitor.opentelemetry.exporter import AzureMonitorLogExporter

        return AzureMonitorLogExporter(**self._options())

    def metrics(self) -> MetricExporter:
        """An exporter of numbers."""
        from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter

        return AzureMonitorMetricExporter(**self._options())

    def _options(self) -> dict[str, object]:
        return {
            "connection_string": self._connection_string,
            "disable_offline_storage": True,
            "timeout": EXPORT_SECONDS,
        }


def _no_statistics_home() -> None:
    """Azure Monitor's exporter reports on itself, to Microsoft and to us, and asks Microsoft how it is to behave.

    From behind a firewall that is only noise. The switches are environment variables; who sets them is obeyed.
    """
    for switch in (
        "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL",
        "APPLICATIONINSIGHTS_SDKSTATS_DISABLED",
        "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED",
        "APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED",
    ):
        os.environ.setdefault(switch, "true")
