"""What people look up is there: every word that the app prints has its place in the documentation."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from responder.__main__ import COMMANDS
from responder.core.case import Hold, State, Stop
from responder.core.decision import Answer
from responder.core.duty import Want
from responder.core.outcome import Outcome
from responder.core.outcome_event import EventType
from responder.core.policy_state import RejectionReason
from responder.core.redrive import Keep
from responder.core.telemetry_names import Attr, LogName, MetricName, SpanName

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PREFLIGHT = (ROOT / "responder" / "core" / "preflight.py").read_text(encoding="utf-8")
SETTINGS = (ROOT / "responder" / "adapters" / "settings.py").read_text(encoding="utf-8")
CHECKS = sorted(set(re.findall(r'Check\(\s*"([a-z-]+)"', PREFLIGHT)))
NAMES = sorted(set(re.findall(r'"((?:RESPONDER|OTEL|AZURE|APPLICATIONINSIGHTS)_[A-Z_]+)"', SETTINGS)))


def _words(*enums: object) -> list[str]:
    return [str(word) for enum in enums for word in enum]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "word",
    _words(State, Hold, Stop, Outcome, RejectionReason, Keep, Want, Answer, SpanName, Attr, MetricName, EventType),
)
def test_every_word_that_is_told_is_explained(word: str) -> None:
    assert f"`{word}`" in OPERATIONS


def _told_in_table(heading: str) -> set[str]:
    """The names in the first column of the table under a heading."""
    section = OPERATIONS.split(f"### {heading}\n")[1].split("\n#")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


@pytest.mark.parametrize(
    ("heading", "names"),
    [("Spans", SpanName), ("Attributes", Attr), ("Metrics", MetricName), ("Logs", LogName)],
    ids=["spans", "attributes", "metrics", "logs"],
)
def test_the_tables_of_telemetry_name_what_there_is_and_nothing_else(heading: str, names: type[StrEnum]) -> None:
    assert _told_in_table(heading) == {name.value for name in names}


@pytest.mark.parametrize("names", [SpanName, Attr, MetricName, LogName])
def test_every_name_of_telemetry_is_used_somewhere(names: type[StrEnum]) -> None:
    sources = [path for folder in ("responder", "handlers") for path in (ROOT / folder).rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.name != "telemetry_names.py")

    assert [name for name in names if f"{names.__name__}.{name.name}" not in code] == []


@pytest.mark.parametrize("word", CHECKS)
def test_every_check_is_explained(word: str) -> None:
    assert len(CHECKS) >= 8
    assert f"`{word}`" in OPERATIONS


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_explained(name: str) -> None:
    assert f"`{name}" in OPERATIONS


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_heading_of_its_own(state: State) -> None:
    assert f"### `{state}`" in OPERATIONS


def test_every_command_is_named_in_the_readme_or_the_operations_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [name for name in COMMANDS if f"{name}" not in readme + OPERATIONS] == []


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []
