"""The messages about typical mistakes, as people read them.

They stand in `golden_mistakes.txt`, to be read as a whole. After a change that is meant:
`REWRITE_GOLDEN=1 python -m pytest tests/core/test_golden_mistakes.py`, and read the difference.
"""

import os
from pathlib import Path
from textwrap import dedent

import pytest

from responder.commands.validate import findings_of
from responder.core.rules_review import review
from tests.core.mistakes import MISTAKES

GOLDEN = Path(__file__).parent / "golden_mistakes.txt"


def _page(title: str, text: str) -> str:
    lines = dedent(text).strip("\n").splitlines()
    numbered = "\n".join(f"{number:>5} | {line}" for number, line in enumerate(lines, start=1))
    findings = "\n".join(map(str, findings_of("rules.yaml", review("\n".join(lines) + "\n"))))
    return f"## {title}\n\n{numbered}\n\n{findings}\n"


def test_the_messages_about_typical_mistakes_are_those_that_were_agreed() -> None:
    pages = "\n".join(_page(title, text) for title, text in MISTAKES.items())

    if os.environ.get("REWRITE_GOLDEN"):
        GOLDEN.write_text(pages, encoding="utf-8")

    assert pages == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("title", MISTAKES)
def test_every_mistake_is_found_with_its_line(title: str) -> None:
    reviewed = review(dedent(MISTAKES[title]).lstrip("\n"))

    assert all(each.line for each in (*reviewed.problems, *reviewed.warnings))
    assert reviewed.problems or reviewed.warnings
