"""Tasks and deployment rows as Azure documents and answers them, and as it might."""

import json
from pathlib import Path

import pytest

from responder.adapters.remediation import deployment, failure, task
from responder.core import instant

DATA = Path(__file__).parents[1] / "data"


def example(path: str, status: str = "200") -> dict[str, object]:
    body = json.loads((DATA / "policyinsights" / path).read_text())["responses"][status]["body"]
    assert isinstance(body, dict)
    return body


def test_the_documented_task_is_read_whole() -> None:
    read = task(example("2024-10-01/Remediations_GetResourceScope.json"))

    assert (read.name, read.state, read.end) == ("storageRemediation", "Succeeded", "Succeeded")
    assert (read.total, read.succeeded, read.failed) == (1, 1, 0)
    assert read.last_updated_on >= read.created_on > 0


def test_the_documented_deployments_are_read_whole() -> None:
    body = example("2021-10-01/Remediations_ListDeploymentsResourceScope.json")
    rows = body["value"]
    assert isinstance(rows, list)

    read = [deployment(row) for row in rows]

    assert all(row.succeeded and row.deployment_id and row.location for row in read)
    assert all(row.resource == row.resource.lower() for row in read)


def test_times_keep_their_seven_digits() -> None:
    read = task({"properties": {"createdOn": "2022-09-22T08:32:39.1234567Z"}})

    assert instant.iso(read.created_on) == "2022-09-22T08:32:39.1234567Z"


def test_a_row_that_is_still_evaluated_has_neither_deployment_nor_error() -> None:
    read = deployment({"remediatedResourceId": "/subscriptions/A/resourceGroups/B", "status": "Evaluating"})

    assert (read.resource, read.status, read.deployment_id) == ("/subscriptions/a/resourcegroups/b", "Evaluating", "")
    assert (read.error_code, read.error_message, read.failed, read.succeeded) == ("", "", False, False)


@pytest.mark.parametrize("odd", [None, "text", 7, [], {}])
def test_whatever_is_missing_or_odd_is_read_as_empty(odd: object) -> None:
    read = task({"id": odd, "properties": {"deploymentStatus": odd, "createdOn": odd, "provisioningState": odd}})
    bare = task({"properties": odd})
    row = deployment({"remediatedResourceId": odd, "error": odd, "createdOn": odd})

    assert (read.total, read.created_on, bare.state) == (0, 0, "")
    assert row.error_code == ""


def test_the_innermost_code_and_every_message_once_tell_why_a_deployment_failed() -> None:
    error = {
        "code": "DeploymentFailed",
        "message": "At least one resource deployment operation failed.",
        "details": [
            {
                "code": "Forbidden",
                "message": "The client may not write.",
                "details": [{"code": "RequestDisallowedByPolicy", "message": "The client may not write."}],
            }
        ],
    }

    code, message = failure(error)

    assert code == "RequestDisallowedByPolicy"
    assert message == "At least one resource deployment operation failed. > The client may not write."


def test_details_without_a_bottom_end_somewhere() -> None:
    error: dict[str, object] = {"code": "Loop", "message": "again"}
    error["details"] = [error]

    assert failure(error) == ("Loop", "again")


@pytest.mark.parametrize(
    "message",
    [entry["message"] for entry in json.loads((DATA / "recordings/remediation_deployment_errors.json").read_text())],
)
def test_messages_of_real_failures_are_kept_word_for_word(message: str) -> None:
    read = deployment({"status": "Failed", "error": {"code": "X", "message": message}})

    assert read.failed
    assert read.error_message == message
