"""The crash table in the documentation and the tests that prove it name each other, line by line."""

import re
from pathlib import Path

from tests.scenarios import test_crash_at_the_edges
from tests.scenarios.test_crash_hand_over import HAND_OVER
from tests.scenarios.test_crash_on_the_way import ON_THE_WAY, UNACKNOWLEDGED
from tests.scenarios.test_crash_outcomes import TOLD

_TABLE = Path(__file__).parents[2] / "docs" / "crash-table.md"


def named_in_the_table() -> list[str]:
    """The last column of every line."""
    return re.findall(r"\| `([\w-]+)` \|$", _TABLE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_line_of_the_crash_table_names_its_test_and_every_crash_test_has_a_line() -> None:
    edges = [name for name in vars(test_crash_at_the_edges) if name.startswith("test_")]

    named = named_in_the_table()

    assert sorted(named) == sorted([*UNACKNOWLEDGED, *ON_THE_WAY, *HAND_OVER, *TOLD, *edges])


def test_no_line_of_the_crash_table_is_without_a_test() -> None:
    lines = [line for line in _TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]

    bodies = [line for line in lines if not line.startswith("| where it dies")]

    assert len(bodies) == len(named_in_the_table())
