"""The app is killed at each point of one resource's way, and the work completes with one task all the same.

Each point has its line in `docs/crash-table.md`, under the name that the test has here.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from responder.core.case import State
from responder.local.azurite import Azurite
from tests.core.builders import vault
from tests.scenarios.crash import RESOURCES, STATES_ASKED, Point, a_site, case_to_be_written, case_written
from tests.scenarios.estates import an_estate, an_event

_MESSAGES, _TASK = r"/responder-cases/messages\?", r"/remediations/responder-[^/]+\?"
_RESTRAINT = r"/responderrestraint\("
OPENED, VERIFYING = case_written("state", State.RUNNING), case_written("state", State.VERIFYING)
UNACKNOWLEDGED = {
    "the-resource-is-written-and-its-case-is-not": Point("table", "POST", "/respondercases$"),
    "the-event-is-scheduled-and-not-acknowledged": Point("queue", "POST", _MESSAGES, when="after"),
}
ON_THE_WAY = {
    "the-message-is-taken-and-the-case-not-claimed": case_to_be_written("state", State.GATHERING),
    "the-case-is-claimed-and-its-resources-not-listed": Point("table", "GET", r"/responderresources\(\)"),
    "confirm-asks-for-the-policy-states": STATES_ASKED,
    "the-plan-is-written-and-its-message-is-not": case_written("state", State.OPENING),
    "the-slot-is-taken-and-the-task-not-looked-for": Point("arm", "GET", _TASK),
    "the-task-is-looked-for-and-not-created": Point("arm", "GET", _TASK, when="after"),
    "the-task-is-about-to-be-created": Point("arm", "PUT", _TASK),
    "the-task-is-created-and-the-answer-lost": Point("arm", "PUT", _TASK, when="after"),
    "the-answer-is-there-and-the-case-not-running": case_to_be_written("state", State.RUNNING),
    "the-case-is-running-and-its-message-is-not-written": OPENED,
    "run-looks-at-the-task": Point("arm", "GET", _TASK, since=OPENED),
    "the-task-has-ended-and-nothing-is-told": Point("arm", "POST", "/listDeployments", when="after"),
    "the-trace-is-told-and-the-journal-is-not-written": Point("table", "PUT", r"/responderchanges\("),
    "the-journal-is-written-and-the-slot-not-given-back": Point("table", "PUT", _RESTRAINT, since=OPENED),
    "the-slot-is-given-back-and-no-row-is-written": Point("table", "PUT", RESOURCES),
    "the-rows-are-written-and-the-case-is-not": case_to_be_written("state", State.VERIFYING),
    "the-case-is-verifying-and-its-message-is-not-written": VERIFYING,
    "verify-asks-for-the-policy-states": replace(STATES_ASKED, since=VERIFYING),
    "the-verification-is-told-and-the-case-not-closed": case_to_be_written("state", State.CLOSED),
    "the-case-is-closed-and-the-app-does-not-know": case_written("state", State.CLOSED),
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
        assert (len(site.roots()), site.broken(), await site.slots_held()) == (1, [], 0)
