"""A survey as CSV: one row for each resource and policy, written as they are decided."""

import csv
from typing import TextIO

from responder.core.arrangement import Arranged, Placed

COLUMNS = (
    "resource",
    "assignment",
    "definition",
    "reference",
    "fate",
    "rule",
    "reason",
    "because",
    "taskScope",
    "effect",
    "location",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class SurveyCsv:
    """Rows to a text stream; the head goes out at once."""

    def __init__(self, out: TextIO) -> None:
        self._rows = csv.writer(out, lineterminator="\n")
        self._rows.writerow(COLUMNS)

    def add(self, place: Arranged) -> None:
        """Write the rows of one place."""
        self._rows.writerows(map(_row, place.placed))


def _row(placed: Placed) -> list[str]:
    state, decision = placed.judged.state, placed.judged.decision
    told = (
        state.resource.text,
        state.policy.assignment.text,
        state.policy.definition.text,
        state.observed.reference,
        placed.fate.value,
        decision.rule,
        placed.reason,
        placed.because,
        placed.scope or "",
        state.observed.effect or "",
        state.observed.location or "",
    )
    return [_harmless(text) for text in told]


def _harmless(text: str) -> str:
    """Names come from elsewhere; a spreadsheet must not take one for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
