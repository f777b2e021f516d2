"""Steps that somebody is told of, made by the table of transitions itself; and the schema that holds what is told."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from responder.core import seen
from responder.core.case import Case
from responder.core.outcome import Outcome
from responder.core.task import Deployment
from responder.core.transitions import record
from tests.core.builders import a_task, at

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "outcome-events.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def breaches(event: Any) -> list[str]:
    """What of an event, as it arrives, the schema does not allow."""
    return [error.message[:300] for error in VALIDATOR.iter_errors(event)]


def stopped(case: Case, because: str = "The template is broken.") -> Case:
    """An opening case that Azure refused for good."""
    return record(case, seen.Refused(because), at(5))


def task_ended(
    outcome: Outcome, *deployments: Deployment, more: bool = False, because: str = "As it ended."
) -> seen.TaskEnded:
    """A task that was seen to end."""
    failed = sum(row.failed for row in deployments)
    task = a_task("Failed" if failed else "Succeeded", len(deployments), len(deployments) - failed, failed)
    return seen.TaskEnded(task, outcome, because, more, deployments)


def moved(case: Case, what: seen.Seen) -> Case:
    """The case after what was seen, as a worker that had claimed it would write it."""
    return replace(record(case, what, at(30)), claim="")
