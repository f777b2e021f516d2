"""Asks each exporter's endpoint whether it takes what is sent, with the least that can be sent.

A collector gets an empty OTLP request, a topic of outcome events an empty batch, and Application Insights one line of
log, because what it does with an empty list is not documented. A token goes only where the exporters send one, and
never over plain http.
"""

import asyncio
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp
from azure.core.exceptions import AzureError

from responder.adapters.arm_credential import ArmCredential
from responder.adapters.arm_error import printable
from responder.adapters.named_parts import named_parts
from responder.adapters.settings import Settings
from responder.core.doctor import Check
from responder.core.doctor_exporters import NO_CREDENTIAL, Asked
from responder.core.telemetry_names import SERVICE

SECONDS = 10.0
_GLOBAL = "https://dc.services.visualstudio.com"
_MONITOR = "https://monitor.azure.com/"
_TOPIC = "https://eventgrid.azure.net"
_MESSAGE = "The doctor asks whether telemetry arrives."


async def ask_exporters(settings: Settings) -> tuple[Asked, ...]:
    """Ask every endpoint that is set, all at once."""
    asking = []
    if settings.application_insights:
        asking.append(_azure_monitor(settings, settings.application_insights))
    if settings.otlp_endpoint:
        asking.append(_otlp(settings.otlp_endpoint))
    if settings.outcome_topic:
        asking.append(_topic(settings, settings.outcome_topic))
    return tuple(await asyncio.gather(*asking))


def is_writable(path: str) -> bool:
    """Whether a file can be appended to, or made; nothing is made to find out."""
    file = Path(path)
    return os.access(file, os.W_OK) if file.exists() else os.access(file.absolute().parent, os.W_OK)


async def _azure_monitor(settings: Settings, connection_string: str) -> Asked:
    told = named_parts(connection_string)
    where = told.get("ingestionendpoint", _GLOBAL).rstrip("/")
    headers = {"Content-Type": "application/json"}
    identity = settings.telemetry_identity
    if identity and where.startswith("https://"):
        audience = told.get("aadaudience") or _MONITOR
        client_id = identity.client_id or settings.client_id
        signed = await _token(client_id, settings.managed_identity, f"{audience}/.default")
        if signed is None:
            return Asked(Check.AZURE_MONITOR, where, 0, NO_CREDENTIAL)
        headers["Authorization"] = signed
    line = [_line_of_log(told.get("instrumentationkey", ""), datetime.now(UTC))]
    return await _asked(Check.AZURE_MONITOR, f"{where}/v2.1/track", headers, json=line)


def _line_of_log(key: str, now: datetime) -> dict[str, object]:
    """One item as the ingestion endpoint takes it (MessageData of its public schema, version 2)."""
    return {
        "ver": 1,
        "name": "Microsoft.ApplicationInsights.Message",
        "time": f"{now:%Y-%m-%dT%H:%M:%S.%fZ}",
        "iKey": key,
        "tags": {"ai.cloud.role": SERVICE},
        "data": {"baseType": "MessageData", "baseData": {"ver": 2, "message": _MESSAGE, "severityLevel": 0}},
    }


async def _otlp(endpoint: str) -> Asked:
    """An empty body is an empty ExportTraceServiceRequest."""
    told = os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", "")
    pairs = (part.partition("=") for part in told.split(",") if "=" in part)
    extra = {name.strip(): unquote(value.strip()) for name, _, value in pairs}
    headers = {"Content-Type": "application/x-protobuf", **extra}
    return await _asked(Check.OTLP, f"{endpoint}/v1/traces", headers, data=b"")


async def _topic(settings: Settings, endpoint: str) -> Asked:
    headers = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}
    if endpoint.startswith("https://"):
        signed = await _token(settings.client_id, settings.managed_identity, f"{_TOPIC}/.default")
        if signed is None:
            return Asked(Check.OUTCOME_TOPIC, _host(endpoint), 0, NO_CREDENTIAL)
        headers["Authorization"] = signed
    return await _asked(Check.OUTCOME_TOPIC, f"{endpoint}?api-version=2018-01-01", headers, data=b"[]")


async def _token(client_id: str | None, managed_identity: bool, scope: str) -> str | None:
    credential = ArmCredential(client_id, managed_identity)
    try:
        return f"Bearer {(await credential.get_token(scope)).token}"
    except AzureError:
        return None
    finally:
        await credential.close()


async def _asked(
    check: Check, url: str, headers: Mapping[str, str], json: object = None, data: bytes | None = None
) -> Asked:
    where, signed = _host(url), "Authorization" in headers
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.post(url, headers=headers, json=json, data=data, allow_redirects=False) as answer,
        ):
            said = printable((await answer.content.read(2048)).decode("utf-8", "replace"), 200)
            return Asked(check, where, answer.status, said, signed)
    except TimeoutError:
        return Asked(check, where, 0, f"no answer within {SECONDS:.0f} s", signed)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Asked(check, where, 0, type(error).__name__, signed)


def _host(url: str) -> str:
    """Scheme, host and port: an endpoint may carry a user and a password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"
