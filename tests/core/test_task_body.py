"""The body of a task."""

from responder.core.rule_settings import TaskSettings
from responder.core.task_body import task_body
from tests.core.builders import ASSIGNMENT
from tests.core.policies import a_document


def properties(reference: str = "", settings: TaskSettings | None = None, count: int = 1) -> dict[str, object]:
    found = task_body(ASSIGNMENT, reference, settings or TaskSettings(), count)["properties"]
    assert isinstance(found, dict)
    return found


def test_a_task_for_one_resource_says_all_that_is_set() -> None:
    assert properties() == {
        "policyAssignmentId": ASSIGNMENT,
        "resourceDiscoveryMode": "ReEvaluateCompliance",
        "resourceCount": 1,
        "parallelDeployments": 10,
        "failureThreshold": {"percentage": 0.1},
    }


def test_the_reference_id_is_repeated_as_it_is_spelled() -> None:
    assert properties("DiagKv")["policyDefinitionReferenceId"] == "DiagKv"


def test_the_count_is_the_smaller_of_need_and_limit() -> None:
    assert properties(count=700, settings=TaskSettings(resource_count=500))["resourceCount"] == 500
    assert properties(count=3)["resourceCount"] == 3


def test_locations_become_a_filter() -> None:
    settings = TaskSettings(locations=("westeurope", "northeurope"))

    assert properties(settings=settings)["filters"] == {"locations": ["westeurope", "northeurope"]}


def test_what_the_official_example_sets_is_spelled_the_same() -> None:
    path = "policyinsights/2021-10-01/Remediations_CreateSubscriptionScope_AllProperties.json"
    example = a_document(path)["parameters"]["parameters"]["properties"]  # type: ignore[index]

    assert set(example) <= set(properties("a", TaskSettings(locations=("x",))))
