"""Telemetry that goes as an identity: its token goes over TLS to the ingestion endpoint and nowhere else."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from responder.adapters.settings import TelemetryIdentity
from tests.adapters.test_telemetry import a_span, telemetry
from tests.wire.certificate import a_certificate
from tests.wire.ingestion import receiving

TOKEN = "a-token-for-azure-monitor"


@dataclass
class Identity:
    """The identity endpoint of the platform (learn.microsoft.com/azure/app-service/overview-managed-identity)."""

    asked: list[dict[str, str]] = field(default_factory=list)

    async def token(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.query))
        told = {"access_token": TOKEN, "expires_on": "4102444800", "resource": "x", "token_type": "Bearer"}
        return web.json_response(told)


@asynccontextmanager
async def an_identity(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Identity]:
    identity = Identity()
    app = web.Application()
    app.router.add_get("/{path:.*}", identity.token)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{runner.addresses[0][1]}/token")
    monkeypatch.setenv("IDENTITY_HEADER", "secret-of-the-identity-endpoint")
    try:
        yield identity
    finally:
        await runner.cleanup()


async def test_over_tls_everything_goes_with_a_token_of_the_named_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(a_certificate(tmp_path / "certificate.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    async with an_identity(monkeypatch) as identity, receiving(tls=context) as ingestion:
        who = TelemetryIdentity("1b2c")
        told = telemetry(
            application_insights=ingestion.connection_string, telemetry_identity=who, managed_identity=True
        )

        told.tell(a_span())
        told.count_round("verified")
        await told.close()

    assert {request.headers.get("Authorization") for request in ingestion.requests} == {f"Bearer {TOKEN}"}
    assert {(asked["client_id"], asked["resource"]) for asked in identity.asked} == {
        ("1b2c", "https://monitor.azure.com/")
    }


async def test_over_plain_http_no_token_is_even_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=AAD")
    async with an_identity(monkeypatch) as identity, receiving() as ingestion:
        told = telemetry(
            application_insights=ingestion.connection_string,
            telemetry_identity=TelemetryIdentity(),
            managed_identity=True,
        )

        told.tell(a_span())
        await told.close()

    assert [request.headers.get("Authorization") for request in ingestion.requests] == [None]
    assert identity.asked == []


async def test_without_the_setting_no_token_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(a_certificate(tmp_path / "certificate.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    async with an_identity(monkeypatch) as identity, receiving(tls=context) as ingestion:
        told = telemetry(application_insights=ingestion.connection_string, managed_identity=True)

        told.tell(a_span())
        await told.close()

    assert [request.headers.get("Authorization") for request in ingestion.requests] == [None]
    assert identity.asked == []
