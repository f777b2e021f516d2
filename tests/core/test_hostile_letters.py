"""Letters that fold oddly must neither make two ids one, nor one id two."""

import sys

import pytest

from responder.core.boundary import boundary, scope
from responder.core.facts import Facts
from responder.core.folding import fold
from responder.core.glob import globs
from responder.core.resource_id import resource_id
from responder.core.subject import Subject
from tests.core.builders import SUBSCRIPTION, a_change

_LETTERS = [chr(code) for code in range(sys.maxunicode + 1)]


def test_folding_twice_is_folding_once_and_the_length_stays() -> None:
    folded = [fold(letter) for letter in _LETTERS]

    assert [fold(each) for each in folded] == folded
    assert {len(each) for each in folded} == {1}


def test_no_letter_outside_ascii_becomes_one_of_ascii() -> None:
    assert [letter for letter in _LETTERS if fold(letter).isascii() != letter.isascii()] == []


def test_both_cases_of_a_letter_fold_alike_where_each_is_the_others() -> None:
    pairs = [(letter, letter.lower()) for letter in _LETTERS if letter.lower().upper() == letter != letter.lower()]

    assert [pair for pair in pairs if fold(pair[0]) != fold(pair[1])] == []


@pytest.mark.parametrize("other", ["rg-\N{KELVIN SIGN}ey", "rg-\N{LATIN SMALL LETTER DOTLESS I}d", "rg-ſ", "rg-İd"])
def test_a_group_with_a_look_alike_letter_is_another_group(other: str) -> None:
    plain = other.replace("\N{KELVIN SIGN}", "k").replace("ı", "i").replace("ſ", "s").replace("İ", "i")

    assert resource_id(f"{SUBSCRIPTION}/resourceGroups/{other}") != resource_id(
        f"{SUBSCRIPTION}/resourceGroups/{plain}"
    )


@pytest.mark.parametrize(("one", "other"), [("ΟΔΟΣ", "οδος"), ("ΟΔΟΣ", "οδοσ"), ("GRÜN", "grün"), ("ДОМ", "дом")])
def test_a_group_is_the_same_in_any_case_wherever_its_name_stands(one: str, other: str) -> None:
    group, same = (resource_id(f"{SUBSCRIPTION}/resourceGroups/{name}") for name in (one, other))

    assert group == same
    assert globs([f"*{one[1:]}"]).match(fold(other))


def test_what_is_taken_out_of_the_boundary_stays_out_in_any_case() -> None:
    vault = f"{SUBSCRIPTION}/resourceGroups/οδός-ΣΑΣ/providers/Microsoft.KeyVault/vaults/kv"
    subject = Subject(a_change(resource=resource_id(vault)), Facts.unknown())

    told, _ = boundary(None, [scope(f"{SUBSCRIPTION}/resourceGroups/*-σα*")], subject)

    assert told is False
