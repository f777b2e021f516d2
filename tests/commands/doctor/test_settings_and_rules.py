"""What the doctor says of settings and rules, each broken in turn."""

from __future__ import annotations

from tests.commands.doctor.scene import RULES, SUBSCRIPTION_ID, Scene
from tests.core.builders import SUBSCRIPTION

APP = f"--name func-responder --resource-group rg-responder --subscription {SUBSCRIPTION_ID}"
SET = f"az functionapp config appsettings set {APP} --settings"
UNSET = f"az functionapp config appsettings delete {APP} --setting-names"


async def test_a_setting_that_cannot_be_read_is_wrong_and_the_usual_value_mends_it(app: Scene) -> None:
    app.setting("RESPONDER_SWEEP", "every minute")

    told = await app.the("settings", "settings")

    assert (told["verdict"], told["because"].partition(" is ")[0]) == ("wrong", "RESPONDER_SWEEP")
    assert told["mend"] == f"{SET} 'RESPONDER_SWEEP=0 * * * * *'"


async def test_every_bad_setting_is_told(app: Scene) -> None:
    app.setting("RESPONDER_SWEEP", "every minute")
    app.setting("RESPONDER_OUTCOME_TOPIC", "nowhere")

    told = await app.only("settings", "settings")

    assert [each["mend"] for each in told] == [
        f"{SET} 'RESPONDER_SWEEP=0 * * * * *'",
        f"{UNSET} RESPONDER_OUTCOME_TOPIC",
    ]


async def test_settings_without_storage_are_wrong(app: Scene) -> None:
    app.monkeypatch.delenv("AzureWebJobsStorage")

    told = await app.the("settings", "settings")

    assert told["verdict"] == "wrong"
    assert told["mend"] == f"{SET} AzureWebJobsStorage__accountName=ACCOUNT"


async def test_a_misspelt_name_is_wrong_and_the_one_that_is_meant_is_told(app: Scene) -> None:
    app.setting("RESPONDER_RETENTOIN", "P90D")

    told = await app.the("settings", "names")

    assert told["because"] == "Nothing reads RESPONDER_RETENTOIN; RESPONDER_RETENTION is probably meant."
    assert told["mend"].splitlines() == [f"{UNSET} RESPONDER_RETENTOIN", f"{SET} RESPONDER_RETENTION=P90D"]


async def test_a_value_that_may_be_a_key_is_not_shown(app: Scene) -> None:
    app.setting("RESPONDER_OUTCOME_TOPICS", "https://x.example/api?sig=c2VjcmV0c2VjcmV0c2VjcmV0")

    told = await app.the("settings", "names")

    assert "c2VjcmV0" not in str(told)
    assert told["mend"].endswith("RESPONDER_OUTCOME_TOPIC=VALUE")


async def test_parameters_of_the_templates_are_no_misspelt_settings(app: Scene) -> None:
    app.setting("RESPONDER_TOPIC_NAME", "egst-responder")

    assert await app.only("settings", "names") == []


async def test_a_short_lease_is_worth_a_word(app: Scene) -> None:
    app.setting("RESPONDER_LEASE", "PT9S")

    told = await app.the("settings", "lease")

    assert (told["verdict"], "within 3 s" in told["because"]) == ("warning", True)
    assert told["mend"] == f"{SET} RESPONDER_LEASE=PT1M"


async def test_no_exporter_is_worth_a_word(app: Scene) -> None:
    app.monkeypatch.delenv("RESPONDER_TRACE_FILE")

    told = await app.the("settings", "telemetry")

    assert told["verdict"] == "warning"
    assert told["mend"].startswith("az monitor app-insights component show --resource-group rg-responder ")


async def test_application_insights_without_a_token_is_worth_a_word(app: Scene) -> None:
    app.setting("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=00000000-0000-0000-0000-000000000000")

    told = await app.the("settings", "telemetry")

    assert told["verdict"] == "warning"
    assert told["mend"] == f"{SET} APPLICATIONINSIGHTS_AUTHENTICATION_STRING=Authorization=AAD"


async def test_telemetry_switches_of_the_worker_are_worth_a_word(app: Scene) -> None:
    app.setting("PYTHON_ENABLE_OPENTELEMETRY", "false")

    told = await app.the("settings", "worker-telemetry")

    assert (told["verdict"], told["mend"]) == ("warning", f"{UNSET} PYTHON_ENABLE_OPENTELEMETRY")


async def test_rules_that_are_wrong_are_told_with_their_place(app: Scene) -> None:
    app.rules(RULES.replace("remediate", "remedate"))

    told = await app.the("rules", "rules")

    assert (told["verdict"], told["because"].startswith("rules.yaml:9:")) == ("wrong", True)
    assert told["mend"] == "python -m responder validate rules.yaml"


async def test_rules_that_are_probably_not_meant_are_a_warning(app: Scene) -> None:
    app.rules(
        RULES + "  - name: more vaults\n    match: {resourceType: Microsoft.KeyVault/vaults}\n    action: ignore\n"
    )

    told = await app.the("rules", "rules")

    assert (told["verdict"], "it never decides" in told["because"]) == ("warning", True)


async def test_rules_that_are_missing_are_wrong(app: Scene) -> None:
    app.setting("RESPONDER_RULES", "no-such.yaml")

    told = await app.the("rules", "rules")

    assert (told["verdict"], told["mend"]) == ("wrong", f"{SET} RESPONDER_RULES=rules.yaml")


async def test_without_rules_what_hangs_on_their_boundary_is_not_checked(app: Scene) -> None:
    app.rules("version: 2")

    _, told = await app.doctor("--only", "rights", "events", "others")

    assert {each["section"]: each["verdict"] for each in told} == dict.fromkeys(
        ("rights", "events", "others"), "not checked"
    )
    assert {each["mend"] for each in told} == {"python -m responder doctor --only rules"}


async def test_a_setting_that_only_observes_is_worth_a_word(app: Scene) -> None:
    app.setting("RESPONDER_MODE", "observe")

    told = await app.the("rules", "mode")

    assert (told["verdict"], told["mend"]) == ("warning", f"{UNSET} RESPONDER_MODE")


async def test_rules_that_only_observe_are_worth_a_word(app: Scene) -> None:
    app.rules(RULES.replace("enforce", "observe"))

    told = await app.the("rules", "mode")

    assert (told["verdict"], told["mend"]) == ("warning", "python -m responder survey --rules rules.yaml")


async def test_rules_without_a_boundary_are_worth_a_word(app: Scene) -> None:
    within = next(line for line in RULES.splitlines() if line.startswith("within"))
    app.rules(RULES.replace("enforce", "observe").replace(within, ""))

    told = [await app.the("rules", check) for check in ("mode", "boundary")]

    survey = "python -m responder survey --rules rules.yaml --scope /subscriptions/SUBSCRIPTION"
    assert [(each["verdict"], each["mend"]) for each in told] == [("warning", survey)] * 2


async def test_an_entry_of_the_boundary_that_no_query_can_name_is_told(app: Scene) -> None:
    app.rules(RULES.replace("within: [", 'within: ["/subscriptions/*", '))

    told = await app.the("rules", "boundary")

    assert (told["verdict"], "/subscriptions/*" in told["because"]) == ("warning", True)


async def test_a_rule_that_names_assignments_that_are_nowhere_is_a_warning(app: Scene) -> None:
    app.rules(RULES.replace("match: {", 'match: {assignment: "**/deploy-dig-*", '))

    told = await app.the("rules", "assignments")

    assert told["verdict"] == "warning"
    assert told["because"] == (
        "Rule 'vaults' names assignments (**/deploy-dig-*), and none of the 1 here is among them."
    )
    listing = '--disable-scope-strict-match --query "[].id" --output tsv'
    assert told["mend"] == f"az policy assignment list --scope {SUBSCRIPTION} {listing}"


async def test_a_rule_that_names_an_assignment_that_is_there_is_well(app: Scene) -> None:
    app.rules(RULES.replace("match: {", 'match: {assignment: "**/deploy-diag-*", '))

    assert await app.only("rules", "assignments") == []


async def test_assignments_that_may_not_be_read_are_not_checked(app: Scene) -> None:
    await app.fault(path="policyAssignments$", status=403, code="AuthorizationFailed")

    assert (await app.the("rules", "assignments"))["verdict"] == "not checked"


async def test_of_a_management_group_nothing_is_said_about_assignments(app: Scene) -> None:
    app.rules(RULES.replace(SUBSCRIPTION, "/providers/Microsoft.Management/managementGroups/alz"))

    _, told = await app.doctor("--only", "rules")

    assert [each for each in told if each["check"] == "assignments"] == []
