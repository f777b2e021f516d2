"""What people look up is there: every word that the app prints has its place in the documentation."""

import re
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
from responder.core.telemetry_names import Attr, MetricName, SpanName

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
