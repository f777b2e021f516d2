"""What the doctor says of rights, each broken in turn."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from responder.adapters.arm_error import ArmError
from responder.adapters.caller import holder_in
from responder.commands.doctor_on_rights import unread_states
from responder.core.doctor import Verdict
from responder.core.doctor_rights import NEEDED, Held, Holder, of_rights
from responder.core.permission import Permission
from responder.core.resource_id import resource_id
from tests.commands.doctor.scene import CLIENT, GROUP, PRINCIPAL, ROLE, RULES, Scene, a_role, a_role_assignment
from tests.core.builders import SUBSCRIPTION

ASSIGNEE = f"--assignee-object-id {PRINCIPAL} --assignee-principal-type ServicePrincipal"


def grant(scope: str) -> str:
    """The custom role's full name has in it where it was defined, so the command asks for it."""
    ours = "[?starts_with(roleName, 'Azure Policy Responder')].name | [0]"
    named = f'$(az role definition list --custom-role-only true --scope {scope} --query "{ours}" --output tsv)'
    return f'az role assignment create {ASSIGNEE} --role "{named}" --scope {scope}'


MANAGEMENT_GROUP = "/providers/microsoft.management/managementgroups/alz"
WITHOUT_CANCEL = [each for each in NEEDED if not each.endswith("cancel/action")]


async def test_an_identity_without_the_role_is_told_the_command_that_gives_it(app: Scene) -> None:
    await app.change(roleAssignments=[])

    told = await app.the("rights", "actions", "--identity", PRINCIPAL)

    assert (told["verdict"], told["mend"]) == ("wrong", grant(SUBSCRIPTION))
    assert f"The identity {PRINCIPAL} may not Microsoft.PolicyInsights/remediations/read" in told["because"]


async def test_one_missing_action_is_named_with_what_it_is_for(app: Scene) -> None:
    await app.change(roleDefinitions=[a_role(*WITHOUT_CANCEL)])

    told = await app.the("rights", "actions", "--identity", PRINCIPAL)

    assert told["verdict"] == "wrong"
    assert "may not Microsoft.PolicyInsights/remediations/cancel/action at" in told["because"]
    assert told["because"].endswith("needed to cancel tasks.")


async def test_an_identity_may_be_named_by_its_client_id(app: Scene) -> None:
    properties = {"clientId": CLIENT, "principalId": PRINCIPAL}
    named = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-responder"
    await app.change(roleAssignments=[], managedIdentities=[{"id": named, "properties": properties}])

    told = await app.the("rights", "actions", "--identity", CLIENT)

    assert told["mend"] == grant(SUBSCRIPTION)


async def test_the_identity_that_the_settings_name_is_looked_at_without_being_asked_for(app: Scene) -> None:
    app.setting("AZURE_CLIENT_ID", PRINCIPAL)
    await app.change(roleAssignments=[])

    told = await app.the("rights", "actions")

    assert told["mend"] == grant(SUBSCRIPTION)


async def test_a_role_above_the_scope_counts(app: Scene) -> None:
    app.rules(RULES.replace(SUBSCRIPTION, f"{SUBSCRIPTION}/resourceGroups/rg-a"))

    assert await app.only("rights", "actions", "--identity", PRINCIPAL) == []


async def test_a_role_below_the_scope_does_not_count(app: Scene) -> None:
    await app.change(roleAssignments=[a_role_assignment(GROUP)])

    told = await app.the("rights", "actions", "--identity", PRINCIPAL)

    assert (told["verdict"], told["mend"]) == ("wrong", grant(SUBSCRIPTION))


async def test_rights_at_a_management_group_are_seen_by_its_roles(app: Scene) -> None:
    app.rules(RULES.replace(SUBSCRIPTION, MANAGEMENT_GROUP))

    told = await app.the("rights", "actions", "--identity", PRINCIPAL)

    assert (told["verdict"], told["mend"]) == ("wrong", grant(MANAGEMENT_GROUP))


async def test_rights_at_a_management_group_that_azure_does_not_tell_are_not_checked(app: Scene) -> None:
    app.rules(RULES.replace(SUBSCRIPTION, MANAGEMENT_GROUP))

    told = await app.the("rights", "actions")

    assert told["verdict"] == "not checked"
    assert told["mend"] == "python -m responder doctor --only rights --identity PRINCIPAL_ID"


async def test_more_than_is_needed_is_a_warning(app: Scene) -> None:
    await app.change(roleDefinitions=[a_role("*")])

    told = await app.the("rights", "excess", "--identity", PRINCIPAL)

    assert (told["verdict"], f"needs at {SUBSCRIPTION}: *." in told["because"]) == ("warning", True)
    whose = f"--assignee {PRINCIPAL} --include-inherited --scope {SUBSCRIPTION}"
    assert told["mend"] == f"az role assignment list {whose} --output table"


async def test_reading_is_never_more_than_is_needed(app: Scene) -> None:
    await app.change(roleDefinitions=[a_role(*NEEDED, "*/read")])

    assert await app.only("rights", "excess", "--identity", PRINCIPAL) == []


async def test_what_the_caller_lacks_is_told(app: Scene) -> None:
    await app.change(permissions=[{"scope": SUBSCRIPTION, "actions": ["*/read"]}])

    told = await app.the("rights", "actions")

    assert told["verdict"] == "wrong"
    assert "may not Microsoft.PolicyInsights/remediations/write" in told["because"]


async def test_an_action_that_is_taken_away_is_missing(app: Scene) -> None:
    writes = ["Microsoft.PolicyInsights/remediations/write"]
    await app.change(permissions=[{"scope": SUBSCRIPTION, "actions": ["*"], "notActions": writes}])

    told = await app.the("rights", "actions")

    assert f"may not {writes[0]} at {SUBSCRIPTION}" in told["because"]


async def test_a_role_with_a_condition_leaves_it_unsure(app: Scene) -> None:
    assigned = a_role_assignment()
    assigned["properties"]["condition"] = "@Resource[…]"
    await app.change(roleAssignments=[assigned])

    told = await app.the("rights", "actions", "--identity", PRINCIPAL)

    assert (told["verdict"], "has a condition" in told["because"]) == ("not checked", True)


async def test_states_that_may_not_be_read_are_wrong(app: Scene) -> None:
    await app.fault(path="queryResults", status=403, code="AuthorizationFailed")

    told = await app.the("rights", "policy-states", "--identity", PRINCIPAL)

    assert (told["verdict"], told["mend"]) == ("wrong", grant(SUBSCRIPTION))


async def test_states_that_azure_is_too_busy_to_tell_are_not_checked(app: Scene) -> None:
    await app.fault(path="queryResults", status=503)

    told = await app.the("rights", "policy-states", "--identity", PRINCIPAL)

    assert told["verdict"] == "not checked"


async def test_rights_that_may_not_be_read_are_not_checked(app: Scene) -> None:
    await app.fault(path="roleDefinitions", status=403, code="AuthorizationFailed")

    told = await app.the("rights", "actions", "--identity", PRINCIPAL)

    assert (told["verdict"], ROLE in told["because"]) == ("not checked", True)


def a_token(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{body}.c2ln"


def test_what_a_person_lacks_says_nothing_about_the_app() -> None:
    person = holder_in(a_token(oid="p1", scp="user_impersonation", upn="kim@example.org"))

    found = [*of_rights(Held(resource_id(SUBSCRIPTION), (Permission(("*/read",)),)), person)]

    assert [each.verdict for each in found] == [Verdict.WARNING]
    assert found[0].because.endswith("These are your rights, not the app's: --identity names the app's.")
    assert found[0].mend == "python -m responder doctor --only rights --identity PRINCIPAL_ID"


@pytest.mark.parametrize("token", ["", "a.b", "a.!!!.c", "e30.W10.c2ln"])
def test_a_token_that_names_nobody_is_nobodys(token: str) -> None:
    assert holder_in(token).principal == ""


def test_a_token_of_an_app_is_the_apps() -> None:
    holder = holder_in(a_token(oid=PRINCIPAL, idtyp="app"))

    assert (holder.told, holder.person) == (f"The identity {PRINCIPAL}", False)


def a_refusal(status: int) -> ArmError:
    return ArmError("reading the policy states of", SUBSCRIPTION, status, "AuthorizationFailed", "no")


def test_states_that_a_person_may_not_read_say_nothing_about_the_app() -> None:
    person = holder_in(a_token(oid="p1", scp="user_impersonation"))

    found = unread_states(resource_id(SUBSCRIPTION), a_refusal(403), person, Holder("The identity", PRINCIPAL))

    who = "--assignee-object-id p1 --assignee-principal-type User"
    assert found.verdict is Verdict.WARNING
    assert found.mend == f'az role assignment create {who} --role "Reader" --scope {SUBSCRIPTION}'


async def test_without_a_credential_azure_is_not_asked(app: Scene) -> None:
    app.setting("RESPONDER_ARM_ENDPOINT", "https://management.example.invalid")
    app.setting("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")

    _, told = await app.doctor("--only", "rights", "events", "others")

    assert {(each["verdict"], each["mend"]) for each in told} == {("not checked", "az login")}
