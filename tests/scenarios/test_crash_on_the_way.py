"""The app is killed at each point of one resource's way, and the work completes with one task all the same.

Each point has its line in `docs/crash-table.md`, under the name that the test has here.
"""

from pathlib import Path

import pytest

from responder.core.case import State
from responder.local.azurite import Azurite
from tests.core.builders import vault
from tests.scenarios.crash import Point, a_site, column
from tests.scenarios.estates import an_estate, an_event

_CASES, _RESOURCES = r"/respondercases\(", r"/responderresources\("
_MESSAGES = r"/responder-cases/messages\?"
_STATES, _TASK = r"/policyStates/latest/queryResults", r"/remediations/responder-[^/]+\?"


def case_written(state: State, since: Point | None = None) -> Point:
    """The case's row has been replaced with one in this state, and the app does not know yet."""
    return Point("table", "PUT", _CASES, column("state", state), "after", since)


def case_to_be_written(state: State) -> Point:
    """The same, but storage has not heard of it."""
    return Point("table", "PUT", _CASES, column("state", state), "before")


OPENED, VERIFYING = case_written(State.RUNNING), case_written(State.VERIFYING)
UNACKNOWLEDGED = {
    "the-resource-is-written-and-its-case-is-not": Point("table", "POST", "/respondercases$"),
    "the-event-is-scheduled-and-not-acknowledged": Point("queue", "POST", _MESSAGES, when="after"),
}
ON_THE_WAY = {
    "the-message-is-taken-and-the-case-not-claimed": case_to_be_written(State.GATHERING),
    "the-case-is-claimed-and-its-resources-not-listed": Point("table", "GET", r"/responderresources\(\)"),
    "confirm-asks-for-the-policy-states": Point("arm", "POST", _STATES),
    "the-plan-is-written-and-its-message-is-not": case_written(State.OPENING),
    "the-task-is-looked-for-and-not-created": Point("arm", "GET", _TASK, when="after"),
    "the-task-is-about-to-be-created": Point("arm", "PUT", _TASK),
    "the-task-is-created-and-the-answer-lost": Point("arm", "PUT", _TASK, when="after"),
    "the-answer-is-there-and-the-case-not-running": case_to_be_written(State.RUNNING),
    "the-case-is-running-and-its-message-is-not-written": OPENED,
    "run-looks-at-the-task": Point("arm", "GET", _TASK, since=OPENED),
    "the-task-has-ended-and-nothing-is-told": Point("arm", "POST", "/listDeployments", when="after"),
    "the-trace-is-told-and-no-row-is-written": Point("table", "PUT", _RESOURCES),
    "the-rows-are-written-and-the-case-is-not": case_to_be_written(State.VERIFYING),
    "the-case-is-verifying-and-its-message-is-not-written": VERIFYING,
    "verify-asks-for-the-policy-states": Point("arm", "POST", _STATES, since=VERIFYING),
    "the-verification-is-told-and-the-case-not-closed": case_to_be_written(State.CLOSED),
    "the-case-is-closed-and-the-app-does-not-know": case_written(State.CLOSED),
}


@pytest.mark.parametrize("point", (UNACKNOWLEDGED | ON_THE_WAY).values(), ids=(UNACKNOWLEDGED | ON_THE_WAY).keys())
async def test_the_work_completes_with_one_task_though_the_app_dies_when(
    point: Point, azurite: Azurite, storage: str, tmp_path: Path
) -> None:
    async with a_site(azurite, storage, tmp_path, an_estate("kv1")) as site:
        unacknowledged = await site.die_at(point, [an_event("kv1")])

        await site.live_again()
        await site.deliver_again(unacknowledged)
        cases = await site.all_over()

        assert len(unacknowledged) == (point in UNACKNOWLEDGED.values())
        assert [(case.outcome, case.round) for case in cases] == [("verified", 1)]
        assert [task["scope"].lower() for task in await site.tasks()] == [vault("kv1")]
        assert (len(site.roots()), site.broken()) == (1, [])
