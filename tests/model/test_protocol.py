"""The protocol keeps what it promises in every interleaving, and each known way to build it wrong is found."""

from pathlib import Path

import pytest

from tests.model.explorer import explore
from tests.model.protocol import Protocol
from tests.model.scenarios import LIMITS_PART, MISTAKES, NOT_CLOSED, PARTS, Mistake
from tests.model.slots import LimitsProtocol
from tests.model.world import Scenario

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", PARTS, ids=lambda scenario: scenario.name)
def test_no_resource_is_lost_and_no_task_opened_twice_whatever_happens_when(scenario: Scenario) -> None:
    report = explore(Protocol(scenario))

    assert report.wrong == "", "\n".join(report.trace)
    assert report.ends > 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("name", "limits"), LIMITS_PART)
def test_no_more_tasks_run_than_the_limit_allows_whatever_happens_when(name: str, limits: LimitsProtocol) -> None:
    report = explore(limits)

    assert report.wrong == "", "\n".join(report.trace)
    assert report.ends > 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.what)
def test_each_wrong_design_is_found_and_told(mistake: Mistake) -> None:
    report = mistake.found()

    assert report.wrong
    assert mistake.what in PAGE


@pytest.mark.parametrize("mistake", NOT_CLOSED, ids=lambda mistake: mistake.what)
def test_what_the_protocol_leaves_open_runs_the_same_plan_once_more_and_is_told(mistake: Mistake) -> None:
    report = mistake.found()

    assert "was opened twice" in report.wrong
    assert mistake.what in PAGE
