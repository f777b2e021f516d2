"""What somebody has exempted, and an identity without its role, through the whole app."""

from pathlib import Path

from responder.commands.open_ledger import open_ledger
from tests.core.builders import ASSIGNMENT, vault
from tests.scenarios.estates import RULES, an_estate, an_event
from tests.scenarios.test_main_job import a_laptop, cases_over, tasks

_ROLE = "/providers/Microsoft.Authorization/roleDefinitions/749f88d5-cbae-40b8-bcfc-e573ddc772fa"


def exempting(name: str) -> list[dict[str, object]]:
    return [
        {
            "id": f"{vault(name)}/providers/Microsoft.Authorization/policyExemptions/left-alone",
            "properties": {"policyAssignmentId": ASSIGNMENT.upper(), "exemptionCategory": "Mitigated"},
        }
    ]


async def test_an_exempt_vault_is_left_alone_and_its_neighbour_gets_a_task_of_its_own(
    storage: str, tmp_path: Path
) -> None:
    estate = an_estate("kv1", "kv2") | {"exemptions": exempting("kv2")}
    async with a_laptop(storage, tmp_path, estate) as laptop:
        for name in ("kv1", "kv2"):
            await laptop.deliver(an_event(name))

        (case,) = await cases_over(storage)
        async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
            told = {row.resource: row.because for row in await ledger.rows(case.key)}

        assert [task["scope"].lower() for task in await tasks(laptop)] == [vault("kv1")]
        assert case.outcome == "verified"
        assert told[vault("kv2")].startswith("exempt: ")


async def test_a_rule_that_requires_roles_opens_nothing_for_an_identity_without_them(
    storage: str, tmp_path: Path
) -> None:
    estate = an_estate("kv1")
    definition = estate["definitions"][0]  # type: ignore[index]
    definition["properties"]["policyRule"]["then"]["details"]["roleDefinitionIds"] = [_ROLE]
    rules = RULES.replace("grace: none", "grace: none\n  requireRoles: true")
    async with a_laptop(storage, tmp_path, estate, rules) as laptop:
        await laptop.deliver(an_event("kv1"))

        (case,) = await cases_over(storage)

        assert (case.outcome, await tasks(laptop)) == ("withdrawn", [])
        assert "identity-lacks-role" in case.because
        assert "az role assignment create" in case.because
