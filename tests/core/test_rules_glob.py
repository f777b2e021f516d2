"""Globs compared with each other: what is claimed to be covered is, whatever texts are tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.glob import globs
from responder.core.rules_glob import covers, meets

_PARTS = st.lists(st.sampled_from(["a", "b", "/", "*", "**"]), min_size=1, max_size=6)
_GLOBS = _PARTS.map("".join).filter(lambda text: "***" not in text)
_TEXTS = st.text(alphabet="ab/", min_size=0, max_size=7)


@given(_GLOBS, _GLOBS, _TEXTS, st.booleans())
def test_what_a_covered_glob_matches_its_cover_matches(wide: str, narrow: str, text: str, segmented: bool) -> None:
    if covers(wide, narrow, segmented) and globs([narrow], segmented=segmented).match(text):
        assert globs([wide], segmented=segmented).match(text)


@given(_GLOBS, _GLOBS, _TEXTS)
def test_globs_that_match_the_same_text_meet(one: str, other: str, text: str) -> None:
    if globs([one]).match(text) and globs([other]).match(text):
        assert meets(one, other)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("**", "a*"),
        ("**/deploy-*", "**/deploy-diag-*"),
        ("**/deploy-*", "/subscriptions/*/deploy-a"),
        ("rg-*", "rg-a"),
        ("rg-*", "rg-*"),
        ("*-prod-*", "rg-prod-*-x"),
    ],
)
def test_a_wider_glob_covers_a_narrower_one(wide: str, narrow: str) -> None:
    assert covers(wide, narrow)


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [("*", "**"), ("*/*", "**"), ("rg-a", "rg-*"), ("*/**", "**"), ("x/*/y", "x/**/y"), ("a", "b"), ("ab*", "a*")],
)
def test_a_glob_does_not_cover_what_reaches_further(wide: str, narrow: str) -> None:
    assert not covers(wide, narrow)


@pytest.mark.parametrize(
    ("glob", "shape", "together"),
    [
        ("*/*", "+/+", True),
        ("/a/b", "+/+", False),
        ("", "+", False),
        ("a", "##", False),
        ("0*f", "##", True),
        ("g*", "##", False),
    ],
)
def test_a_shape_has_names_and_digits(glob: str, shape: str, together: bool) -> None:
    assert meets(glob, shape) is together
