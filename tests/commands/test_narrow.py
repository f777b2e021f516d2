"""Long names in a narrow terminal."""

import io

import pytest

from responder.commands.cases import place_of, print_cases
from responder.commands.narrow import shortened, widths
from responder.commands.terminal import Terminal
from responder.core.case import Kind
from tests.core.builders import SUBSCRIPTION, a_case, a_key, vault

LONG_GROUP = f"{SUBSCRIPTION}/resourcegroups/rg-platform-connectivity-production-westeurope-001"


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("rg-a/kv1", 20, "rg-a/kv1"),
        ("rg-platform-connectivity/kv-prod-01", 25, "rg-plat…tivity/kv-prod-01"),
        ("a-policy-assignment-with-a-long-name", 15, "a-polic…ng-name"),
        ("rg/a-name-that-is-longer-than-there-is-room", 16, "rg/a-nam…is-room"),
    ],
)
def test_a_name_is_cut_in_the_middle_and_of_a_group_and_a_name_the_group(text: str, most: int, short: str) -> None:
    assert shortened(text, most) == short


def test_the_widest_column_gives_way_first_and_none_below_what_can_be_read() -> None:
    assert widths([["x" * 10], ["x" * 60], ["x" * 30]], 60) == [10, 25, 25]
    assert widths([["x" * 40], ["x" * 40]], 5) == [12, 12]
    assert widths([[], ["x"]], 9) == [0, 1]


@pytest.mark.parametrize(("width", "place"), [(120, "rg-platf…prod-01"), (160, "/kv-prod-01")])
def test_in_a_terminal_every_case_is_one_line(width: int, place: str) -> None:
    said = printed(Terminal(file=io.StringIO(), force_terminal=True, width=width))

    assert len(said) == 3  # the headings, the case, and what to do next
    assert place in said[1]


def test_in_a_pipe_no_name_is_cut() -> None:
    said = printed(Terminal(file=io.StringIO(), width=400))

    assert "rg-platform-connectivity-production-westeurope-001/kv-prod-01" in said[1]


def printed(console: Terminal) -> list[str]:
    case = a_case(key=a_key(place=vault("kv-prod-01", LONG_GROUP)), rule="every key vault must log, wherever it is")
    print_cases([case], console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_a_resource_group_is_called_by_its_name() -> None:
    assert place_of(a_case(key=a_key(Kind.GROUP))) == "rg-a"
