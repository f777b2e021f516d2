"""Where telemetry goes: OpenTelemetry's exporters, by setting. Heavy, and imported only when something is told."""

import os
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol, TypeVar

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.rest import HttpRequest, HttpResponse
from opentelemetry.sdk._logs.export import LogRecordExporter
from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter

from responder.adapters.settings import Settings
from responder.adapters.telemetry_credential import TelemetryCredential, telemetry_credential

if TYPE_CHECKING:
    from azure.monitor.opentelemetry.exporter.export._base import BaseExporter

_Exporter = TypeVar("_Exporter", bound="BaseExporter")
EXPORT_SECONDS = 5  # for one export; the work never waits for it longer


class Destination(Protocol):
    """Somewhere that takes telemetry; each call gives an exporter of its own, with its own connections."""

    @property
    def name(self) -> str:
        """What people call it."""

    def spans(self) -> SpanExporter:
        """An exporter of spans."""

    def logs(self) -> LogRecordExporter:
        """An exporter of lines of log."""

    def metrics(self) -> MetricExporter:
        """An exporter of numbers."""

    def partly(self) -> bool:
        """Whether what this thread sent last was taken in part."""

    def close(self) -> None:
        """Let all connections go; after the exporters have sent what they had."""


def destinations(settings: Settings) -> Sequence[Destination]:
    """Every destination that is set."""
    found: list[Destination] = []
    if settings.otlp_endpoint:
        found.append(Otlp(settings.otlp_endpoint))
    if settings.application_insights:
        found.append(AzureMonitor(settings.application_insights, telemetry_credential(settings)))
    return found


def console() -> SpanExporter:
    """One span a line on standard output."""
    return ConsoleSpanExporter(formatter=lambda span: f"{span.to_json(indent=None)}\n")


class Otlp:
    """A collector that speaks OTLP over HTTP."""

    name = "the OTLP collector"

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

    def partly(self) -> bool:
        """Never: a collector that takes a part answers that it took all (OTLP, partial success)."""
        return False

    def close(self) -> None:
        """Nothing to do: these exporters do so themselves."""


class AzureMonitor:
    """Application Insights. Nothing is kept on disk: an instance may be gone before it could be sent again."""

    name = "Application Insights"

    def __init__(self, connection_string: str, credential: TelemetryCredential | None) -> None:
        _no_statistics_home()
        self._connection_string = connection_string.strip("; ")
        self._credential = credential
        self._answers = _LastAnswer()
        self._closings = ExitStack()

    def spans(self) -> SpanExporter:
        """An exporter of spans."""
        from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter

        return self._closing(AzureMonitorTraceExporter(**self._options()))

    def logs(self) -> LogRecordExporter:
        """An exporter of lines of log."""
        from azure.monitor.opentelemetry.exporter import AzureMonitorLogExporter

        return self._closing(AzureMonitorLogExporter(**self._options()))

    def metrics(self) -> MetricExporter:
        """An exporter of numbers."""
        from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter

        return self._closing(AzureMonitorMetricExporter(**self._options()))

    def partly(self) -> bool:
        """Whether what this thread sent last was taken in part (206)."""
        return self._answers.status == 206

    def close(self) -> None:
        """Let the connections go, which the exporters keep when they are shut down."""
        self._closings.close()

    def _closing(self, exporter: _Exporter) -> _Exporter:
        self._closings.callback(exporter.client.close)
        return exporter

    def _options(self) -> dict[str, object]:
        """Told always: left to itself the exporter takes the credential from the environment, over http as well."""
        return {
            "connection_string": self._connection_string,
            "credential": self._credential,
            "disable_offline_storage": True,
            "timeout": EXPORT_SECONDS,  # for all tries together
            "read_timeout": EXPORT_SECONDS,
            "http_logging_policy": self._answers,  # instead of two lines of log for each batch
        }


class _LastAnswer(SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Remembers how each thread's last request was answered."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    @property
    def status(self) -> int:
        """The status, 0 where there was no answer."""
        return int(getattr(self._of_thread, "status", 0))

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:  # noqa: ARG002 - as the pipeline calls it
        """A request goes out."""
        self._of_thread.status = 0

    def on_response(
        self,
        request: PipelineRequest[HttpRequest],  # noqa: ARG002 - as the pipeline calls it
        response: PipelineResponse[HttpRequest, HttpResponse],
    ) -> None:
        """It was answered."""
        self._of_thread.status = response.http_response.status_code


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
