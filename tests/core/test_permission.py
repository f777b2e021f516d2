"""What one role allows, compared with what others do."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.permission import Permission, covers, granted, overlap, permissions

# As Azure publishes them, without what adds nothing here.
CONTRIBUTOR = Permission(
    ("*",),
    (
        "microsoft.authorization/*/delete",
        "microsoft.authorization/*/write",
        "microsoft.authorization/elevateaccess/action",
    ),
)
OWNER = Permission(("*",))
READER = Permission(("*/read",))
TAGS = Permission(("microsoft.resources/tags/*", "microsoft.resources/deployments/*", "*/read"))
SECURITY = Permission(("microsoft.authorization/*/read", "microsoft.security/*"))
ACCESS = Permission(("*/read", "microsoft.authorization/*"))
SECRETS = Permission(("microsoft.keyvault/vaults/secrets/*",), data=True)


@pytest.mark.parametrize(
    ("wanted", "held", "holds"),
    [
        (CONTRIBUTOR, [OWNER], True),
        (CONTRIBUTOR, [CONTRIBUTOR], True),
        (OWNER, [CONTRIBUTOR], False),
        (TAGS, [CONTRIBUTOR], True),
        (TAGS, [READER], False),
        (SECURITY, [CONTRIBUTOR], True),
        (ACCESS, [CONTRIBUTOR], False),
        (ACCESS, [CONTRIBUTOR, ACCESS], True),
        (READER, [TAGS], True),
        (TAGS, [READER, Permission(("microsoft.resources/*",))], True),
        (TAGS, [], False),
        (Permission(()), [], True),
        (SECRETS, [OWNER], False),
        (SECRETS, [Permission(("*",), data=True)], True),
    ],
)
def test_a_role_is_granted_by_roles_that_allow_the_same(
    wanted: Permission, held: list[Permission], holds: bool
) -> None:
    assert granted([wanted], tuple(held)) is holds


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("*", "", True),
        ("a/*/write", "a/*/read", False),
        ("a/*/write", "a/b/*", True),
        ("*/read", "a/*", True),
        ("a*", "b*", False),
        ("a", "a", True),
    ],
)
def test_two_patterns_overlap_where_one_name_fits_both(one: str, other: str, both: bool) -> None:
    assert overlap(one, other) is overlap(other, one) is both


_patterns = st.text("ab/*", max_size=6)


@given(_patterns, _patterns, st.text("ab/", max_size=6))
def test_patterns_never_promise_what_a_name_refutes(one: str, other: str, name: str) -> None:
    fits_one, fits_other = fnmatchcase(name, one), fnmatchcase(name, other)

    assert not (covers(one, other) and fits_other and not fits_one)
    assert overlap(one, other) or not (fits_one and fits_other)


_permissions = st.builds(Permission, st.tuples(_patterns), st.lists(_patterns, max_size=2).map(tuple))


@given(_permissions, st.lists(_permissions, max_size=3), st.text("ab/", max_size=5))
def test_what_is_called_granted_is_allowed_for_every_action(
    wanted: Permission, held: list[Permission], action: str
) -> None:
    def allowed(by: Permission) -> bool:
        taken = any(fnmatchcase(action, each) for each in by.not_actions)
        return any(fnmatchcase(action, each) for each in by.actions) and not taken

    if granted([wanted], tuple(held)) and allowed(wanted):
        assert any(allowed(each) for each in held)


def test_permissions_are_read_folded_and_by_plane() -> None:
    entry = {"Actions": ["*/Read"], "notActions": [], "dataActions": ["A/*"], "NotDataActions": ["A/b"]}

    assert permissions({"permissions": [entry]}, "a role") == (
        Permission(("*/read",)),
        Permission(("a/*",), ("a/b",), data=True),
    )
