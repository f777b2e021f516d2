"""What the doctor says of exporters, each broken in turn, against endpoints that answer for real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from responder.core.doctor import AppPlace, Check, Verdict
from responder.core.doctor_exporters import NO_CREDENTIAL, Asked, of_answer
from responder.core.doctor_rights import Holder
from responder.core.resource_id import resource_id
from tests.adapters.local_topic import Refusal, a_topic
from tests.commands.doctor.scene import GROUP, PRINCIPAL, SUBSCRIPTION_ID, Scene
from tests.wire.ingestion import Answer, receiving

APP = f"--name func-responder --resource-group rg-responder --subscription {SUBSCRIPTION_ID}"
INSIGHTS = "APPLICATIONINSIGHTS_CONNECTION_STRING"


@asynccontextmanager
async def a_collector(status: int = 200) -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A collector of OTLP on this machine, and what it was asked."""
    asked: list[web.Request] = []

    async def take(request: web.Request) -> web.Response:
        asked.append(request)
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


async def test_application_insights_that_takes_telemetry_is_well_and_got_one_line_of_log(app: Scene) -> None:
    async with receiving() as ingestion:
        app.setting(INSIGHTS, ingestion.connection_string)

        assert await app.only("exporters", "azure-monitor") == []

    [line] = ingestion.rows()["traces"]
    assert line["message"] == "The doctor asks whether telemetry arrives."


@pytest.mark.parametrize("status", [401, 403])
async def test_application_insights_that_refuses_what_has_no_token_is_wrong(app: Scene, status: int) -> None:
    async with receiving() as ingestion:
        ingestion.answer = Answer(status)
        app.setting(INSIGHTS, ingestion.connection_string)

        told = await app.the("exporters", "azure-monitor")

    assert told["verdict"] == "wrong"
    name = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING=Authorization=AAD"
    assert told["mend"] == f"az functionapp config appsettings set {APP} --settings {name}"


async def test_application_insights_that_does_not_know_the_key_is_wrong(app: Scene) -> None:
    async with receiving() as ingestion:
        ingestion.answer = Answer(400)
        app.setting(INSIGHTS, ingestion.connection_string)

        told = await app.the("exporters", "azure-monitor")

    assert (told["verdict"], "HTTP 400" in told["because"]) == ("wrong", True)


async def test_application_insights_that_nobody_answers_for_is_wrong_and_its_key_is_not_shown(app: Scene) -> None:
    key = "00000000-0000-4000-8000-0000000000aa"
    app.setting(INSIGHTS, f"InstrumentationKey={key};IngestionEndpoint=http://127.0.0.1:9/")

    told = await app.the("exporters", "azure-monitor")

    assert (told["verdict"], told["mend"]) == ("wrong", "curl --verbose --max-time 10 http://127.0.0.1:9")
    assert key not in str(told)


def test_an_identity_that_may_not_publish_telemetry_is_told_its_missing_role() -> None:
    holder, place = Holder(f"The identity {PRINCIPAL}", PRINCIPAL), AppPlace("func-responder", resource_id(GROUP))

    found = of_answer(Asked(Check.AZURE_MONITOR, "https://x.in.example", 403, signed=True), holder, place)

    who = f"--assignee-object-id {PRINCIPAL} --assignee-principal-type ServicePrincipal"
    assert found.verdict is Verdict.WRONG
    assert found.mend.startswith(f'az role assignment create {who} --role "Monitoring Metrics Publisher" --scope "$(')


def test_a_person_who_may_not_publish_telemetry_says_nothing_about_the_app() -> None:
    person, place = Holder("You (kim)", "p1", person=True), AppPlace("func-responder", resource_id(GROUP))

    found = of_answer(Asked(Check.AZURE_MONITOR, "https://x.in.example", 403, signed=True), person, place)

    assert found.verdict is Verdict.WARNING
    assert found.mend.startswith('az role assignment list --role "Monitoring Metrics Publisher" --include-inherited ')


def test_an_exporter_that_no_credential_is_found_for_is_not_checked() -> None:
    found = of_answer(Asked(Check.AZURE_MONITOR, "https://x.in.example", 0, NO_CREDENTIAL), Holder("x"), AppPlace())

    assert (found.verdict, found.mend) == (Verdict.NOT_CHECKED, "az login")


async def test_a_collector_that_takes_telemetry_is_well(app: Scene) -> None:
    app.setting("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20key")
    async with a_collector() as (url, asked):
        app.setting("OTEL_EXPORTER_OTLP_ENDPOINT", url)

        assert await app.only("exporters", "otlp") == []

    assert [(each.content_length, each.headers["api-key"]) for each in asked] == [(0, "a key")]


async def test_a_collector_that_refuses_is_wrong(app: Scene) -> None:
    async with a_collector(401) as (url, _):
        app.setting("OTEL_EXPORTER_OTLP_ENDPOINT", url)

        told = await app.the("exporters", "otlp")

    assert told["verdict"] == "wrong"
    assert told["mend"].endswith("--settings OTEL_EXPORTER_OTLP_HEADERS=NAME=VALUE")


async def test_a_collector_that_is_something_else_is_wrong(app: Scene) -> None:
    async with a_collector(404) as (url, _):
        app.setting("OTEL_EXPORTER_OTLP_ENDPOINT", url)

        told = await app.the("exporters", "otlp")

    assert told["verdict"] == "wrong"
    assert told["mend"] == (
        f"az functionapp config appsettings delete {APP} --setting-names OTEL_EXPORTER_OTLP_ENDPOINT"
    )


async def test_a_password_in_a_collectors_address_is_not_shown(app: Scene) -> None:
    app.setting("OTEL_EXPORTER_OTLP_ENDPOINT", "http://kim:swordfish@127.0.0.1:9")

    told = await app.the("exporters", "otlp")

    assert told["verdict"] == "wrong"
    assert "swordfish" not in str(told)


async def test_a_topic_of_outcome_events_that_takes_them_is_well(app: Scene) -> None:
    async with a_topic() as topic:
        app.setting("RESPONDER_OUTCOME_TOPIC", topic.endpoint)

        assert await app.only("exporters", "outcome-topic") == []

    assert topic.events == []


async def test_a_topic_of_outcome_events_that_refuses_is_wrong(app: Scene) -> None:
    async with a_topic() as topic:
        topic.refusal = Refusal(403)
        app.setting("RESPONDER_OUTCOME_TOPIC", topic.endpoint)

        told = await app.the("exporters", "outcome-topic")

    assert told["verdict"] == "wrong"
    assert '--role "EventGrid Data Sender" --scope "$(az eventgrid topic show --name ' in told["mend"]


async def test_a_trace_file_that_cannot_be_written_is_wrong(app: Scene) -> None:
    app.setting("RESPONDER_TRACE_FILE", str(app.folder / "no-such-folder" / "traces.jsonl"))

    told = await app.the("exporters", "trace-file")

    assert told["verdict"] == "wrong"
    assert told["mend"] == f"az functionapp config appsettings delete {APP} --setting-names RESPONDER_TRACE_FILE"


async def test_a_trace_file_is_not_made_by_looking(app: Scene) -> None:
    await app.doctor("--only", "exporters")

    assert not (app.folder / "traces.jsonl").exists()


async def test_without_an_exporter_there_is_nothing_to_ask(app: Scene) -> None:
    app.monkeypatch.delenv("RESPONDER_TRACE_FILE")

    told = await app.the("exporters", "azure-monitor")

    assert (told["verdict"], told["mend"]) == ("not checked", "python -m responder doctor --only settings")
