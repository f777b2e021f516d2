"""The templates set what the app reads, and nothing that nobody reads."""

import re
from pathlib import Path

import pytest

from responder.adapters.settings import Settings, read_settings
from tests.infra import app
from tests.infra.bicep import INFRA, ROOT, Expression, Template, Value, template, walk
from tests.infra.facts import names, part
from tests.infra.meaning import made, meaning

APP = template(INFRA / "modules" / "app.bicep")
# What the Functions host reads and the app does not.
OF_THE_HOST = frozenset({"OTEL_EXPORTER_OTLP_PROTOCOL"})
# What Azure fills in, as it could look.
_ENDPOINT = "https://account.{}.core.windows.net/"
_CLIENT = "00000000-0000-4000-8000-000000000001"
_GROUP = "/subscriptions/00000000-0000-4000-8000-000000000002/resourceGroups/rg-policy-responder"
FILLED_IN = {
    "{storage account's blob endpoint}": _ENDPOINT.format("blob"),
    "{storage account's queue endpoint}": _ENDPOINT.format("queue"),
    "{storage account's table endpoint}": _ENDPOINT.format("table"),
    "{identity's client id}": _CLIENT,
    "{component's connection string}": "InstrumentationKey=00000000-0000-4000-8000-000000000003",
    "{the cloud's Resource Manager}": "https://management.azure.com/",
    "{the app's own resource group's id}": _GROUP,
    "{custom topic's endpoint}": "https://topic.westeurope-1.eventgrid.azure.net/api/events",
}


def settings_of(read: Template) -> dict[str, Value]:
    """The app settings with their values: the objects behind each name in the union that makes them."""
    (config,) = [each for each in made("Microsoft.Web/sites/config") if each.name == "appsettings"]
    told = config.resource.body["properties"]
    found: dict[str, Value] = {}
    for each in walk(told):
        whole = meaning(read, each) if isinstance(each, Expression) else each
        if isinstance(whole, dict):
            found |= whole
    return found


def filled_in(text: str) -> str:
    """A value of `deploy.json` as it could look in Azure."""
    return re.sub(r"\{[^}]+\}", lambda found: FILLED_IN[found[0]], text)


def test_every_setting_that_the_app_reads_is_set_or_left_out_with_a_reason() -> None:
    left_out = {each["name"] for each in part("settingsLeftOut") if len(each["because"].split()) >= 2}

    assert sorted(app.settings_read() - settings_of(APP).keys() - left_out) == []
    assert sorted(settings_of(APP).keys() & left_out) == []


def test_no_setting_is_set_that_nobody_reads() -> None:
    assert sorted(settings_of(APP).keys() - app.settings_read() - OF_THE_HOST) == []


def test_the_reader_of_the_code_sees_the_settings() -> None:
    assert {"RESPONDER_OWN_SCOPES", "AZURE_CLIENT_ID", "AzureWebJobsStorage__tableServiceUri"} <= app.settings_read()


def test_deploy_json_lists_the_settings_of_the_template() -> None:
    assert sorted(names("settings")) == sorted(settings_of(APP))


def test_constants_are_the_same_in_deploy_json_and_the_template() -> None:
    constants = {name: told for name, told in settings_of(APP).items() if isinstance(told, str)}

    listed = {each["name"]: each["value"] for each in part("settings")}
    assert {name: listed[name] for name in constants} == constants
    assert {"RESPONDER_RULES", "RESPONDER_DEAD_LETTERS"} <= constants.keys()


@pytest.mark.parametrize("setting", [each for each in part("settings") if "parameter" in each], ids=lambda s: s["name"])
def test_a_setting_that_is_a_parameter_has_that_parameters_default(setting: dict[str, str]) -> None:
    parameter = template(INFRA / "main.bicep").parameters[setting["parameter"]]

    assert setting["value"] == parameter.default or parameter.default is False


def test_what_the_templates_set_is_taken_by_the_app() -> None:
    settings = read_settings({each["name"]: filled_in(each["value"]) for each in part("settings")})

    assert isinstance(settings, Settings)
    assert settings.own_scopes == (_GROUP.lower(),)
    assert (settings.client_id, settings.storage.client_id, settings.storage.connection_string) == (
        _CLIENT,
        _CLIENT,
        None,
    )


def test_the_app_leaves_its_own_resource_group_alone() -> None:
    told = settings_of(APP)["RESPONDER_OWN_SCOPES"]

    assert isinstance(told, Expression)
    assert told.text == "resourceGroup().id"
    assert APP.scope == "resourceGroup"


def test_the_rules_file_that_is_named_travels_with_the_code() -> None:
    ignored = (ROOT / ".funcignore").read_text(encoding="utf-8").splitlines()
    rules = settings_of(APP)["RESPONDER_RULES"]

    assert isinstance(rules, str)
    assert (ROOT / Path(rules)).exists()
    assert rules not in ignored
