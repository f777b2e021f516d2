"""`doctor` on an app that is well, and what is common to all its sections."""

from __future__ import annotations

import asyncio
import json

import pytest

from responder.__main__ import main
from responder.commands.doctor_patient import see
from responder.core.doctor import Section
from tests.commands.doctor.scene import CLIENT, PRINCIPAL, SITE, Scene


async def test_an_app_that_is_set_up_as_it_should_be_is_well(app: Scene) -> None:
    code, told = await app.doctor("--identity", PRINCIPAL)

    assert [each for each in told if each["verdict"] != "ok"] == []
    assert code == 0
    assert [*dict.fromkeys(each["section"] for each in told)] == [section.value for section in Section]


async def test_something_wrong_is_told_with_exit_code_1_and_a_warning_is_not(app: Scene) -> None:
    app.setting("RESPONDER_LEASE", "PT10S")
    warned, _ = await app.doctor("--only", "settings")

    app.setting("RESPONDER_LEASE", "PT1S")
    wrong, _ = await app.doctor("--only", "settings")

    assert (warned, wrong) == (0, 1)


async def test_sections_are_chosen(app: Scene) -> None:
    _, chosen = await app.doctor("--only", "rights", "exporters")
    _, offline = await app.doctor("--offline")

    assert {each["section"] for each in chosen} == {"rights", "exporters"}
    assert {each["section"] for each in offline} == {"settings", "rules"}


async def test_offline_asks_nobody(app: Scene) -> None:
    before = await app.requests()

    await app.doctor("--offline")

    assert await app.requests() == before


async def test_one_broken_part_keeps_no_other_from_being_looked_at(app: Scene) -> None:
    app.setting("AzureWebJobsStorage", "nonsense")
    app.setting("RESPONDER_LEASE", "soon")
    app.setting("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")

    code, told = await app.doctor("--identity", PRINCIPAL)

    wrong = {(each["section"], each["check"]) for each in told if each["verdict"] == "wrong"}
    unchecked = {(each["section"], each["check"]) for each in told if each["verdict"] == "not checked"}
    assert wrong == {("settings", "settings"), ("exporters", "otlp")}
    assert unchecked == {("storage", "tables"), ("others", "tasks")}
    assert code == 1


async def test_people_read_sections_verdicts_and_commands_on_lines_of_their_own(app: Scene) -> None:
    await app.change(systemTopics=[])

    code = await asyncio.to_thread(main, ["doctor", "--only", "events"])

    lines = [line.strip() for line in app.capsys.readouterr().out.splitlines()]
    assert code == 1
    assert "events" in lines
    assert [line for line in lines if line.startswith("$ az eventgrid system-topic create --name ")]


async def test_a_section_that_breaks_is_told_as_not_checked(app: Scene) -> None:
    await app.fault(path="/systemTopics", status=200, code="x")  # a body that is no list

    told = await app.the("events", "topic")

    assert told["verdict"] == "not checked"
    assert told["mend"].startswith("az eventgrid system-topic list --subscription ")


@pytest.mark.parametrize("words", [["--app", "nonsense"], ["--only", "nonsense"]])
def test_what_cannot_be_understood_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["doctor", *words])
    except SystemExit as ended:
        code = int(str(ended.code))

    assert (code, capsys.readouterr().out) == (2, "")


async def test_the_app_can_be_named_where_no_setting_tells_it(app: Scene) -> None:
    app.monkeypatch.delenv("WEBSITE_SITE_NAME")
    app.monkeypatch.delenv("RESPONDER_OWN_SCOPES")
    app.setting("RESPONDER_LEASE", "PT1S")

    unnamed = await app.the("settings", "settings")
    named = await app.the("settings", "settings", "--app", SITE)

    assert unnamed["mend"] == "export RESPONDER_LEASE=PT1M"
    assert named["mend"].startswith("az functionapp config appsettings set --name func-responder ")


async def test_settings_are_found_in_local_settings_json(app: Scene) -> None:
    app.monkeypatch.delenv("RESPONDER_RULES")
    (app.folder / "local.settings.json").write_text(json.dumps({"Values": {"RESPONDER_RULES": "no-such.yaml"}}))

    told = await app.the("rules", "rules")

    assert "no-such.yaml" in told["because"]


FETCHED = {
    "AzureWebJobsStorage__accountName": "stresponder",
    "AzureWebJobsStorage__credential": "managedidentity",
    "AzureWebJobsStorage__clientId": CLIENT,
    "AZURE_CLIENT_ID": CLIENT,
}


def test_settings_fetched_from_azure_are_used_with_your_own_credentials() -> None:
    here = see(FETCHED, None, None, None)
    there = see({**FETCHED, "IDENTITY_ENDPOINT": "http://127.0.0.1:1"}, None, None, None)

    assert (here.settings.storage.managed_identity, here.identity) == (False, CLIENT)
    assert (there.settings.storage.managed_identity, there.identity) == (True, "")
