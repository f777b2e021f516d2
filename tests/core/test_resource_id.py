"""Ids of Azure Resource Manager."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.resource_id import LONGEST, BadResourceId, Level, resource_id

_NAMES = st.text(st.characters(categories=["L", "N"], include_characters="-_.() '"), min_size=1, max_size=40).filter(
    lambda name: name.strip() not in ("", ".", "..")
)


@pytest.mark.parametrize(
    ("text", "level", "kind", "group"),
    [
        ("/subscriptions/S", Level.SUBSCRIPTION, "microsoft.resources/subscriptions", None),
        (
            "/subscriptions/s/resourceGroups/RG",
            Level.RESOURCE_GROUP,
            "microsoft.resources/subscriptions/resourcegroups",
            "rg",
        ),
        (
            "/subscriptions/s/resourcegroups/rg/providers/Microsoft.KeyVault/vaults/kv",
            Level.RESOURCE,
            "microsoft.keyvault/vaults",
            "rg",
        ),
        (
            "/subscriptions/s/resourcegroups/rg/providers/Microsoft.Sql/servers/a/databases/b",
            Level.RESOURCE,
            "microsoft.sql/servers/databases",
            "rg",
        ),
        (
            "/subscriptions/s/providers/Microsoft.Security/pricings/p",
            Level.RESOURCE,
            "microsoft.security/pricings",
            None,
        ),
        (
            "/subscriptions/s/resourceGroups/rg/providers/a/b/c/providers/Microsoft.Authorization/policyAssignments/d",
            Level.RESOURCE,
            "microsoft.authorization/policyassignments",
            "rg",
        ),
        (
            "/providers/Microsoft.Management/managementGroups/alz",
            Level.MANAGEMENT_GROUP,
            "microsoft.management/managementgroups",
            None,
        ),
        (
            "/providers/Microsoft.Authorization/policyDefinitions/d",
            Level.RESOURCE,
            "microsoft.authorization/policydefinitions",
            None,
        ),
    ],
)
def test_an_id_says_what_it_names(text: str, level: Level, kind: str, group: str | None) -> None:
    named = resource_id(text)

    assert (named.level, named.type, named.resource_group) == (level, kind, group)


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "subscriptions/s",
        "/",
        "/subscriptions",
        "/subscriptions/",
        "/subscriptions//resourceGroups/rg",
        "/subscriptions/s/resourceGroups",
        "/subscriptions/s/resourceGroups/rg/",
        "/subscriptions/s/resourceGroups/../x",
        "/subscriptions/s/resourceGroups/./x",
        "/subscriptions/s/resourceGroups/ /x",
        "/subscriptions/s/resourceGroups/rg?x=1",
        "/subscriptions/s/resourceGroups/rg#x",
        "/subscriptions/s/resourceGroups/r%67",
        "/subscriptions/s/resourceGroups/r\\g",
        "/subscriptions/s/resourceGroups/r\ng",
        "/subscriptions/s/resourceGroups/r\u202eg",
        "/subscriptions/s/resourceGroups/rg/providers/a",
        "/subscriptions/s/resourceGroups/rg/providers/a/b",
        "/subscriptions/s/resourceGroups/rg/providers/a/b/c/d",
        "/subscriptions/s/resourceGroups/rg/other/a",
        "/providers/a",
        "/tenants/t",
        "https://management.azure.com/subscriptions/s",
        "/subscriptions/s/resourceGroups/" + "x" * LONGEST,
    ],
)
def test_what_is_no_id_is_refused(text: object) -> None:
    with pytest.raises(BadResourceId):
        resource_id(text)


@pytest.mark.parametrize("name", ["my rg", "rg (test)", "rg_ä-ß", "日本", "it's"])
def test_real_names_are_taken_and_encoded_for_urls(name: str) -> None:
    named = resource_id(f"/subscriptions/s/resourceGroups/{name}")

    assert named.name == name.lower()
    assert unquote(named.for_url) == named.text[1:]
    assert " " not in named.for_url


@given(_NAMES, _NAMES)
def test_ids_are_the_same_in_any_case(group: str, name: str) -> None:
    text = f"/subscriptions/S/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}"

    assert resource_id(text) == resource_id("".join(c.lower() if c.isascii() else c for c in text))
    assert resource_id(resource_id(text).text) == resource_id(text)


def test_an_id_covers_itself_and_what_lies_below_it() -> None:
    group = resource_id("/subscriptions/s/resourceGroups/rg-a")

    assert group.covers(group)
    assert group.covers(resource_id(f"{group}/providers/a/b/c"))
    assert not group.covers(resource_id("/subscriptions/s/resourceGroups/rg-ab"))


def test_a_resource_outside_a_group_has_its_subscription_for_a_group() -> None:
    assert resource_id("/subscriptions/s/providers/a/b/c").group.text == "/subscriptions/s"
    assert (
        resource_id("/subscriptions/s/resourceGroups/g/providers/a/b/c").group.text
        == "/subscriptions/s/resourcegroups/g"
    )
