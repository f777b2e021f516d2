"""Who speaks: the resource that everything told belongs to, as OpenTelemetry's conventions name its attributes.

opentelemetry.io/docs/specs/semconv/resource/faas and .../cloud. What `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`
say goes before what the app knows by itself: that is where `deployment.environment` comes from.
"""

import os
import platform

from opentelemetry.sdk.resources import OTELResourceDetector, Resource

from responder.adapters.settings import Settings
from responder.core.telemetry_names import SERVICE, VERSION


def speaker(settings: Settings) -> Resource:
    """The service, its version, this process, and the function app and region where there are some."""
    return Resource.create(_known(settings)).merge(OTELResourceDetector().detect())


def _known(settings: Settings) -> dict[str, str]:
    """An instance may run several worker processes, and each counts for itself: its number is part of the id."""
    told = {
        "service.name": SERVICE,
        "service.version": VERSION,
        "service.instance.id": f"{settings.instance or platform.node()}-{os.getpid()}",
    }
    if not settings.site_name:
        return told
    function_app = {
        "cloud.provider": "azure",
        "cloud.platform": "azure_functions",
        "cloud.region": settings.region or "",
        "faas.name": settings.site_name,
        "faas.instance": settings.instance or "",
    }
    return told | {name: value for name, value in function_app.items() if value}
