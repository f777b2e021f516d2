"""Roles inside the resource group: who has which, where, and no more than `deploy.json` says with its reason."""

from tests.infra.assignments import Granted, granted
from tests.infra.facts import part

APP = "app"
# learn.microsoft.com/azure/role-based-access-control/built-in-roles
IDS = {
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Queue Data Message Sender": "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "EventGrid Data Sender": "d5a91429-5739-47e2-a06b-3470a27159e7",
}


def listed() -> list[Granted]:
    return sorted(Granted(each.get("id", "custom"), each["principal"], each["scope"]) for each in part("roles"))


def test_the_templates_give_what_deploy_json_lists_and_nothing_else() -> None:
    assert granted() == listed()


def test_every_role_is_the_one_that_its_name_says() -> None:
    named = {each["role"]: each["id"] for each in part("roles") if "id" in each}

    assert named == {name: IDS[name] for name in named}


def test_the_app_may_use_blobs_queues_and_tables_of_its_account() -> None:
    held = {each.role for each in granted() if (each.principal, each.scope) == (APP, "storage account")}

    # The Functions host asks for the owner's role: learn.microsoft.com, functions-reference, "Grant permission".
    assert held == {
        IDS[name]
        for name in ("Storage Blob Data Owner", "Storage Queue Data Contributor", "Storage Table Data Contributor")
    }


def test_event_grid_may_only_write_where_it_delivers() -> None:
    held = {(each.role, each.scope) for each in granted() if each.principal == "system topic"}

    assert held == {
        (IDS["Storage Blob Data Contributor"], "container responder-dead-letters"),
        (IDS["Storage Queue Data Message Sender"], "queue responder-events"),
    }


def test_operators_cannot_write_the_package_that_the_app_runs_from() -> None:
    writing = {IDS["Storage Blob Data Contributor"], IDS["Storage Blob Data Owner"]}

    blobs = {each.scope for each in granted() if each.principal == "operators" and each.role in writing}
    assert blobs == {"container responder-dead-letters"}


def test_the_custom_role_is_the_apps_alone() -> None:
    assert [each for each in granted() if each.role == "custom"] == [Granted("custom", APP, "where it works")]
