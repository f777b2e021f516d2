"""No keys, no passwords, no plain http, nothing public that need not be: resource by resource."""

import re
from typing import Any

import pytest

from tests.infra.bicep import INFRA, Expression, template, templates
from tests.infra.facts import part
from tests.infra.meaning import made

TEXTS = {read.place: (read.tree.text or b"").decode() for read in templates()}
_SECRET = re.compile(r"(?i)password|secret|accountkey|sharedaccess|[?&]sig=|[?&]code=")


def only(kind: str) -> dict[str, Any]:
    (found,) = made(kind)
    return found.properties


def test_storage_takes_no_keys_no_old_tls_and_shows_nothing_to_the_public() -> None:
    account = only("Microsoft.Storage/storageAccounts")

    assert {name: account[name] for name in ("allowSharedKeyAccess", "allowBlobPublicAccess")} == {
        "allowSharedKeyAccess": False,
        "allowBlobPublicAccess": False,
    }
    assert (account["minimumTlsVersion"], account["supportsHttpsTrafficOnly"]) == ("TLS1_2", True)
    containers = made("Microsoft.Storage/storageAccounts/blobServices/containers")
    assert {each.properties["publicAccess"] for each in containers} == {"None"}


def test_what_is_deleted_from_storage_can_be_brought_back() -> None:
    blobs = only("Microsoft.Storage/storageAccounts/blobServices")

    assert blobs["deleteRetentionPolicy"]["enabled"] is True
    assert blobs["containerDeleteRetentionPolicy"]["enabled"] is True


def test_with_private_networking_storage_is_closed_but_for_event_grid() -> None:
    account = only("Microsoft.Storage/storageAccounts")

    assert account["publicNetworkAccess"].text == "privateNetworking ? 'Disabled' : 'Enabled'"
    assert account["networkAcls"]["defaultAction"].text == "privateNetworking ? 'Deny' : 'Allow'"
    assert account["networkAcls"]["bypass"] == "AzureServices"


def test_with_private_networking_nothing_from_outside_reaches_the_functions() -> None:
    config = only("Microsoft.Web/sites")["siteConfig"]

    assert config["ipSecurityRestrictionsDefaultAction"].text == "empty(subnetId) ? 'Allow' : 'Deny'"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Microsoft.OperationalInsights/workspaces", ("features", "disableLocalAuth")),
        ("Microsoft.Insights/components", ("DisableLocalAuth",)),
        ("Microsoft.EventGrid/topics", ("disableLocalAuth",)),
    ],
)
def test_keys_are_off(kind: str, path: tuple[str, ...]) -> None:
    told: Any = only(kind)
    for key in path:
        told = told[key]

    assert told is True


def test_a_remediations_trace_is_not_sampled_by_application_insights() -> None:
    assert only("Microsoft.Insights/components")["SamplingPercentage"] == 100


def test_the_app_is_reached_by_https_and_deployed_without_a_password() -> None:
    site = only("Microsoft.Web/sites")
    policies = made("Microsoft.Web/sites/basicPublishingCredentialsPolicies")

    assert (site["httpsOnly"], site["siteConfig"]["minTlsVersion"], site["siteConfig"]["scmMinTlsVersion"]) == (
        True,
        "1.2",
        "1.2",
    )
    assert {each.name: each.properties["allow"] for each in policies} == {"ftp": False, "scm": False}
    assert site["functionAppConfig"]["deployment"]["storage"]["authentication"]["type"] == "UserAssignedIdentity"


def test_the_app_is_told_nothing_that_flex_consumption_refuses() -> None:
    # What azurerm sends for its resource of that plan; FtpsState, LinuxFxVersion, AlwaysOn and others are refused.
    taken = {"minTlsVersion", "scmMinTlsVersion", "http20Enabled", "remoteDebuggingEnabled", "webSocketsEnabled"}
    taken |= {"ipSecurityRestrictions", "scmIpSecurityRestrictions", "cors", "healthCheckPath", "loadBalancing"}
    taken |= {"ipSecurityRestrictionsDefaultAction", "scmIpSecurityRestrictionsDefaultAction"}
    taken |= {"scmIpSecurityRestrictionsUseMain", "vnetRouteAllEnabled"}

    assert sorted(only("Microsoft.Web/sites")["siteConfig"].keys() - taken) == []


def test_no_template_asks_for_a_key() -> None:
    assert {place: found for place, text in TEXTS.items() if (found := re.findall(r"\blist[A-Z]\w*\(", text))} == {}


def test_no_output_tells_a_secret() -> None:
    told = {
        f"{read.place}: {name}": each.text if isinstance(each, Expression) else str(each)
        for read in templates()
        for name, each in read.outputs.items()
    }

    assert {name: text for name, text in told.items() if _SECRET.search(f"{name} {text}")} == {}
    # It holds an instrumentation key, which alone opens nothing: the component takes only tokens.
    assert [name for name in told if "connectionstring" in name.lower()] == [
        "modules/monitoring.bicep: connectionString"
    ]


def test_what_is_secret_among_the_parameters_reaches_the_action_group_only() -> None:
    secure = {(read.place, each.name) for read in templates() for each in read.parameters.values() if each.secure}
    main = template(INFRA / "main.bicep")
    given = [
        (module.name, name)
        for module in main.modules
        for name, each in module.params.items()
        if isinstance(each, Expression) and each.text == "alertWebhook"
    ]

    assert secure == {("main.bicep", "alertWebhook"), ("modules/action-group.bicep", "webhook")}
    assert given == [("actionGroup", "webhook")]


def test_no_setting_holds_a_secret() -> None:
    assert [each for each in part("settings") if _SECRET.search(f"{each['name']} {each['value']}")] == []
