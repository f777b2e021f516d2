"""`docs/infrastructure.md` names everything that is made, with its reason, and nothing that is not."""

import json
import re
from pathlib import Path

import pytest

from tests.infra.bicep import INFRA, Value, template, templates
from tests.infra.facts import part
from tests.infra.page import Row, code, rows, word

MAIN = template(INFRA / "main.bicep")


def where_made() -> dict[str, set[str]]:
    """Each type that the templates make, with the templates that make it."""
    found: dict[str, set[str]] = {}
    for read in templates():
        for resource in read.own():
            found.setdefault(resource.type, set()).add(read.place)
    return found


def azd_variables() -> dict[str, str]:
    """Each parameter that azd hands over, with the variable that it comes from."""
    told = json.loads((INFRA / "main.parameters.json").read_text(encoding="utf-8"))["parameters"]
    return {name: re.findall(r"\$\{(\w+)", each["value"])[0] for name, each in told.items()}


def test_every_resource_type_is_named_and_none_that_is_not_made() -> None:
    assert sorted(word(row["type"]) for row in rows("Resources")) == sorted(where_made())


def test_every_resource_type_names_the_templates_that_make_it() -> None:
    named = {word(row["type"]): set(code(row["template"])) for row in rows("Resources")}

    missing = {
        f"{kind} in {place}"
        for kind, places in where_made().items()
        for place in places
        if place not in named[kind] and f"{Path(place).parts[0]}/" not in named[kind]
    }
    assert missing == set()
    false = {
        f"{kind} in {place}"
        for kind, places in named.items()
        for place in places
        if not any(made == place or (place.endswith("/") and made.startswith(place)) for made in where_made()[kind])
    }
    assert false == set()


@pytest.mark.parametrize(
    "row",
    [
        *rows("Resources"),
        *rows("Functions"),
        *rows("Storage"),
        *rows("Events"),
        *rows("Roles"),
        *rows("The custom role"),
        *rows("Settings"),
        *rows("Settings", 1),
    ],
    ids=lambda row: next(iter(row.values())).strip("`"),
)
def test_everything_has_its_reason(row: Row) -> None:
    assert len(row["why"].split()) >= 2


def test_actions_are_those_of_the_custom_role_with_its_reasons() -> None:
    told = {word(row["action"]): row["why"] for row in rows("The custom role")}

    assert told == {each["name"]: each["because"] for each in part("customRole", "actions")}


def test_settings_are_those_that_are_set_with_their_values_and_reasons() -> None:
    told = [(word(row["setting"]), word(row["value"]), word(row["parameter"]), row["why"]) for row in rows("Settings")]

    assert told == [
        (each["name"], each["value"], each.get("parameter", ""), each["because"]) for each in part("settings")
    ]


def test_settings_that_are_left_out_are_named_with_the_reason() -> None:
    told = {word(row["setting"]): row["why"] for row in rows("Settings", 1)}

    assert told == {each["name"]: each["because"] for each in part("settingsLeftOut")}


def test_roles_are_those_that_are_assigned() -> None:
    told = [(row["role"], word(row["id"]), row["where"], row["why"]) for row in rows("Roles")][:-1]

    built_in = [each for each in part("roles") if "id" in each]
    assert told == [(each["role"], each["id"], each["scope"], each["because"]) for each in built_in]
    assert "custom role" in rows("Roles")[-1]["role"]


def test_functions_are_those_of_the_app() -> None:
    told = [(word(row["function"]), word(row["trigger"]), word(row["queue"])) for row in rows("Functions")]

    assert told == [(each["name"], each["trigger"], each.get("queue", "")) for each in part("functions")]


@pytest.mark.parametrize("kind", ["container", "queue", "table"])
def test_containers_queues_and_tables_are_those_that_the_app_uses(kind: str) -> None:
    told = {word(row["name"]): row["why"] for row in rows("Storage") if row["what"] == kind}

    assert told == {each["name"]: each["because"] for each in part("storage", f"{kind}s")}


def test_event_types_and_retries_are_those_of_the_subscription() -> None:
    told = {row["what"]: row["value"] for row in rows("Events")}
    types = [word(row["value"]) for row in rows("Events") if row["what"] == "event type"]

    assert types == part("events", "includedEventTypes")
    assert re.findall(r"\d+", told["retry"]) == [str(each) for each in part("events", "retryPolicy").values()]
    assert code(told["schema"]) == part("events", "schemas")


def test_parameters_are_those_of_the_main_template_with_azds_variable() -> None:
    told = {word(row["parameter"]): word(row["azd variable"]) for row in rows("Parameters")}

    assert told == {name: azd_variables().get(name, "") for name in MAIN.parameters}


def test_parameters_have_their_default_and_their_meaning() -> None:
    told = {word(row["parameter"]): row for row in rows("Parameters")}

    wrong = [
        each.name for each in MAIN.parameters.values() if each.description.rstrip(".") != told[each.name]["meaning"]
    ]
    assert wrong == []
    literal = {each.name: each.default for each in MAIN.parameters.values() if isinstance(each.default, str | int)}
    assert {name: word(told[name]["default"]) for name in literal} == {n: _written(d) for n, d in literal.items()}


def _written(default: Value) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_the_hooks_own_variables_are_named() -> None:
    hooks = "\n".join(path.read_text(encoding="utf-8") for path in (INFRA / "hooks").glob("*.sh"))
    told = [word(row["azd variable"]) for row in rows("Parameters", 1)]

    assert [name for name in told if name not in hooks] == []
    assert told
