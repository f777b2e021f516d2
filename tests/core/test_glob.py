"""Globs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.core.glob import BadGlob, globs


@pytest.mark.parametrize(
    ("glob", "text", "matches"),
    [
        ("rg-prod-*", "rg-prod-1", True),
        ("rg-prod-*", "rg-prod-", True),
        ("RG-Prod-*", "rg-prod-1", True),
        ("rg-prod-*", "rg-prod", False),
        ("rg-prod", "rg-prod-1", False),
        ("microsoft.sql/*", "microsoft.sql/servers", True),
        ("microsoft.sql/*", "microsoft.sql/servers/databases", False),
        ("microsoft.sql/**", "microsoft.sql/servers/databases", True),
        (
            "**/deploy-diag-*",
            "/subscriptions/s/providers/p/policyassignments/deploy-diag-kv",
            True,
        ),
        ("**/deploy-diag-*", "/subscriptions/deploy-diag-kv/resourcegroups/a", False),
        ("a.b", "axb", False),
        ("rg (test) [1]+", "rg (test) [1]+", True),
    ],
)
def test_one_star_stays_in_a_segment_two_stars_cross_them(glob: str, text: str, matches: bool) -> None:
    assert globs([glob]).match(text) is matches


def test_of_several_globs_one_is_enough() -> None:
    either = globs(["rg-a", "rg-b*"])

    assert either.match("rg-a")
    assert either.match("rg-bb")
    assert not either.match("rg-aa")


def test_in_a_tag_value_a_star_matches_a_slash_because_it_has_no_segments() -> None:
    assert globs(["team/*"], segmented=False).match("team/a/b")


@pytest.mark.parametrize("text", ["", "  ", " a", "a ", "a\nb", "***", "a***b", "*a*b*c*d*e*f*g*h*i*"])
def test_what_is_no_glob_is_refused(text: str) -> None:
    with pytest.raises(BadGlob):
        globs([text])


def test_an_empty_list_of_globs_is_refused() -> None:
    with pytest.raises(BadGlob, match="match nothing"):
        globs([])


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="*"), min_size=1))
def test_a_text_without_stars_matches_itself_alone(text: str) -> None:
    assert globs([text]).match(text.lower())
    assert not globs([text]).match(text.lower() + "x")


def as_defined(glob: str, text: str) -> bool:
    """The definition of a glob, tried in every way."""
    if not glob:
        return not text
    if glob.startswith("**"):
        return any(as_defined(glob[2:], text[at:]) for at in range(len(text) + 1))
    if glob.startswith("*"):
        reach = len(text.split("/", maxsplit=1)[0])
        return any(as_defined(glob[1:], text[at:]) for at in range(reach + 1))
    return text.startswith(glob[0]) and as_defined(glob[1:], text[1:])


_parts = st.lists(st.sampled_from(["a", "b", "/", "*", "**"]), min_size=1, max_size=9).map("".join)


@settings(max_examples=1000, deadline=None)
@given(_parts.filter(lambda glob: "***" not in glob), st.text("ab/", max_size=9))
def test_a_glob_matches_exactly_what_its_definition_says(glob: str, text: str) -> None:
    assert globs([glob]).match(text) is as_defined(glob, text)


def test_a_hostile_name_costs_no_more_than_a_long_one() -> None:
    assert not globs(["**a**a*a**a*a**b"]).match("/" + "a" * 2000)
    assert not globs(["*a*a*a*a*a*a*a*b"]).match("a" * 2000)
