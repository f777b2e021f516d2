"""Functions, queues, containers and tables are called the same in the code, in the templates and in `deploy.json`."""

import re
from typing import Any

from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from tests.infra import app
from tests.infra.bicep import INFRA, Expression, template
from tests.infra.facts import names, part
from tests.infra.meaning import made, meaning

STORAGE = "Microsoft.Storage/storageAccounts"


def test_deploy_json_lists_the_functions_with_their_triggers_and_queues() -> None:
    listed = [(each["name"], each["trigger"], each.get("queue")) for each in part("functions")]
    bound = [
        (function["name"], binding["type"], binding.get("queueName"))
        for function in app.functions()
        for binding in function["bindings"]
    ]

    assert sorted(listed, key=str) == sorted(bound, key=str)


def test_the_queues_that_wake_the_app_are_made_with_their_poison() -> None:
    poison = {f"{queue}-poison" for queue in app.queues()}
    queues = [each.name for each in made(f"{STORAGE}/queueServices/queues")]

    assert sorted(queues) == sorted(app.queues() | poison)
    assert sorted(names("storage", "queues")) == sorted(queues)


def test_the_containers_are_the_package_and_the_dead_letters_that_the_app_redrives() -> None:
    containers = [each.name for each in made(f"{STORAGE}/blobServices/containers")]

    assert sorted(containers) == sorted([part("storage", "packageContainer"), Settings(storage=Storage()).dead_letters])
    assert sorted(names("storage", "containers")) == sorted(containers)


def test_tables_are_listed_and_made_by_nobody_but_the_app() -> None:
    assert sorted(names("storage", "tables")) == sorted(app.tables())
    assert made(f"{STORAGE}/tableServices/tables") == []


def test_the_package_lies_where_the_app_is_deployed_from() -> None:
    (site,) = made("Microsoft.Web/sites")

    config: Any = site.properties["functionAppConfig"]
    storage = config["deployment"]["storage"]
    assert storage["value"].text == "'${blobEndpoint}${facts.storage.packageContainer}'"
    assert storage["authentication"]["type"] == "UserAssignedIdentity"


def test_instances_are_kept_ready_for_functions_that_exist() -> None:
    read = template(INFRA / "modules" / "app.bicep")

    told = read.variables["eventFunction"]
    assert isinstance(told, Expression)
    named = [meaning(read, Expression(path)) for path in re.findall(r"facts(?:\.\w+)+", told.text)]

    assert named == ["policy_state_change_queued", "policy_state_change"]


def test_the_runtime_is_one_that_the_app_runs_on() -> None:
    versions = template(INFRA / "main.bicep").parameters["pythonVersion"]
    (site,), (plan,) = made("Microsoft.Web/sites"), made("Microsoft.Web/serverfarms")
    sku: Any = plan.body["sku"]

    assert sku["name"] == part("runtime", "plan")
    assert versions.default == part("runtime", "version")
    config: Any = site.properties["functionAppConfig"]
    assert config["runtime"]["name"] == part("runtime", "name")
