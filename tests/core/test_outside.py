"""What a task did that nobody had decided."""

import pytest

from responder.core.outside import outside
from responder.core.task import Deployment
from tests.core.builders import a_deployment, a_plan, vault


def test_what_the_plan_names_is_not_outside_it() -> None:
    assert outside(a_plan("kv1", "kv2"), [a_deployment("kv1"), a_deployment("kv2", "Failed")]) == ()


def test_a_neighbour_that_was_deployed_to_is() -> None:
    rows = [a_deployment("kv1"), a_deployment("zz"), a_deployment("other", "Failed")]

    assert outside(a_plan("kv1"), rows) == (vault("other"), vault("zz"))


def test_a_covered_neighbour_that_the_plan_knows_of_is_not() -> None:
    assert outside(a_plan("kv1", beside=(vault("kv2"),)), [a_deployment("kv2")]) == ()


@pytest.mark.parametrize(
    ("status", "deployment", "found"),
    [
        ("Evaluating", "", False),
        ("Evaluating", "/deployments/1", True),
        ("Succeeded", "", True),  # a modify has no deployment
        ("Canceled", "", True),
    ],
)
def test_a_row_that_was_only_evaluated_touched_nothing(status: str, deployment: str, found: bool) -> None:
    assert bool(outside(a_plan("kv1"), [Deployment(vault("other"), status, deployment)])) is found
