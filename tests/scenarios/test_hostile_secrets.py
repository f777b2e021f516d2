"""No token, key or signature gets into a log, an exception, a trace or a row; a token goes to one host alone."""

import asyncio
import json
import os
import ssl
import sys
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from responder.commands.open_ledger import open_storage_of
from tests.conftest import KEY
from tests.core.builders import SUBSCRIPTION
from tests.scenarios.estates import THE_ASSIGNMENT, THE_DEFINITION
from tests.wire.certificate import a_certificate

PROJECT = Path(__file__).parents[2]
RULES = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
defaults:
  gather: {{for: PT0.2S, atMost: PT2S}}
  grace: none
  poll: {{first: PT1S, most: PT1S}}
rules:
  - name: vaults
    action: remediate
"""
TOKEN = "a-token-that-is-worth-a-tenant"
SECRETS = (TOKEN, "secret-of-the-identity-endpoint", "secret-of-the-collector", "secret-header-of-the-collector", KEY)


@dataclass
class Services:
    """An endpoint of Resource Manager over TLS, the platform's identity endpoint, and a host that nobody configured."""

    certificate: Path
    arm: str = ""
    identity: str = ""
    elsewhere: str = ""
    bearers: list[str | None] = field(default_factory=list)
    strangers: list[dict[str, str]] = field(default_factory=list)
    exported: list[bytes] = field(default_factory=list)
    calls: int = 0

    async def token(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["X-IDENTITY-HEADER"] == "secret-of-the-identity-endpoint"
        told = {"access_token": TOKEN, "expires_on": "4102444800", "resource": "x", "token_type": "Bearer"}
        return web.json_response(told)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Documents are there; the states are refused in every way in turn, each quoting the request's own headers."""
        self.bearers.append(request.headers.get("Authorization"))
        if request.path.lower().endswith("deploy-diag-kv"):
            return web.json_response(THE_ASSIGNMENT)
        if "policydefinitions" in request.path.lower():
            return web.json_response(THE_DEFINITION)
        self.calls += 1
        echo = {"error": {"code": "Odd", "message": f"you sent {dict(request.headers)}"}}
        match self.calls % 6:
            case 1:
                return web.json_response(echo, status=403)
            case 2:
                return web.Response(status=302, headers={"Location": f"{self.elsewhere}/stolen"})
            case 3:
                return web.json_response({"value": [], "@odata.nextLink": f"{self.elsewhere}/stolen"})
            case 4:
                return web.json_response(echo, status=401)
            case 5:
                return web.Response(status=500, text=f"<html>{dict(request.headers)}</html>")
            case _:
                assert request.transport is not None
                request.transport.close()
                return web.Response()

    async def stranger(self, request: web.Request) -> web.StreamResponse:
        self.strangers.append(dict(request.headers))
        self.exported.append(await request.read())
        return web.Response(status=500, text=str(dict(request.headers)))


@asynccontextmanager
async def the_services(folder: Path) -> AsyncIterator[Services]:
    services = Services(folder / "certificate.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(a_certificate(services.certificate))
    runners = [
        await _serve(services.answer, context),
        await _serve(services.token, None),
        await _serve(services.stranger, None),
    ]
    ports = [runner.addresses[0][1] for runner in runners]
    services.arm = f"https://localhost:{ports[0]}"
    services.identity, services.elsewhere = (f"http://127.0.0.1:{port}" for port in ports[1:])
    try:
        yield services
    finally:
        for runner in runners:
            await runner.cleanup()


async def _serve(handler: object, context: ssl.SSLContext | None) -> web.AppRunner:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)  # type: ignore[arg-type]
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return runner


async def _run(services: Services, folder: Path, storage: str) -> str:
    """All that the child says."""
    (folder / "rules.yaml").write_text(RULES)
    told = {
        "AzureWebJobsStorage": storage,
        "RESPONDER_RULES": str(folder / "rules.yaml"),
        "RESPONDER_ARM_ENDPOINT": services.arm,
        "RESPONDER_TRACE_FILE": str(folder / "traces.jsonl"),
        "IDENTITY_ENDPOINT": services.identity,
        "IDENTITY_HEADER": "secret-of-the-identity-endpoint",
        "SSL_CERT_FILE": str(services.certificate),
        "OTEL_EXPORTER_OTLP_ENDPOINT": services.elsewhere.replace("//", "//user:secret-of-the-collector@"),
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=secret-header-of-the-collector",
        "PATH": os.environ["PATH"],
    }
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.scenarios.secrets_child"),
        cwd=PROJECT,
        env=told,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        said, _ = await child.communicate()
    return said.decode(errors="replace")


async def _rows(storage: str) -> str:
    """Every row of every table, documents unpacked."""
    async with open_storage_of({"AzureWebJobsStorage": storage}) as clients:
        rows = [
            {name: _unpacked(value) for name, value in entity.items()}
            async for table in clients.tables.list_tables()
            async for entity in clients.tables.get_table_client(table.name).list_entities()
        ]
    return json.dumps(rows)


def _unpacked(value: object) -> str:
    return zlib.decompress(value).decode() if isinstance(value, bytes) else str(value)


@pytest.mark.timeout(120)
async def test_no_secret_is_told_to_anybody_even_when_everything_is_logged(storage: str, tmp_path: Path) -> None:
    async with the_services(tmp_path) as services:
        said = await _run(services, tmp_path, storage)
    (tmp_path / "said.log").write_text(said)

    exported = b"".join(services.exported).decode(errors="replace")
    traces = (tmp_path / "traces.jsonl").read_text()
    places = {"log": said, "traces": traces, "rows": await _rows(storage), "telemetry": exported}
    assert "responder.log" in exported
    assert services.calls >= 5, said[-3000:]
    assert [(place, secret) for place, text in places.items() for secret in SECRETS if secret in text] == []


@pytest.mark.timeout(120)
async def test_a_token_goes_to_the_configured_endpoint_and_nowhere_else(storage: str, tmp_path: Path) -> None:
    async with the_services(tmp_path) as services:
        said = await _run(services, tmp_path, storage)

    assert set(services.bearers) == {f"Bearer {TOKEN}"}, said[-3000:]
    assert [headers for headers in services.strangers if TOKEN in str(headers)] == []
