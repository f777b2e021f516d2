"""The app is killed while a group's case hands its resources over to cases of their own.

A neighbour that a rule leaves alone forbids one task for the whole group. Wherever the hand-over is cut off, whoever
claims the case next finishes the list, and each resource gets one task.
"""

from pathlib import Path

import pytest

from responder.core.case import Kind
from responder.local.azurite import Azurite
from tests.core.builders import vault
from tests.scenarios.crash import RESOURCES, STATES_ASKED, Point, a_site, case_to_be_written, case_written
from tests.scenarios.estates import an_estate, an_event

_FIRST_MOVED = Point("table", "PUT", RESOURCES, when="after")
_SECOND_MOVED = Point("table", "PUT", RESOURCES, when="after", since=_FIRST_MOVED)
HAND_OVER = {
    "the-list-is-written-and-its-message-is-not": case_written("kind", Kind.GROUP, since=STATES_ASKED),
    "the-first-row-is-moved-and-its-case-not-told": _FIRST_MOVED,
    "the-first-case-is-told-and-the-next-row-not-moved": Point("table", "PUT", RESOURCES, since=_FIRST_MOVED),
    "the-last-case-is-told-and-the-list-not-erased": case_to_be_written("kind", Kind.GROUP, since=_SECOND_MOVED),
    "the-list-is-erased-and-its-message-is-not-written": case_written("kind", Kind.GROUP, since=_SECOND_MOVED),
}


@pytest.mark.parametrize("point", HAND_OVER.values(), ids=HAND_OVER.keys())
async def test_each_resource_gets_one_task_though_the_app_dies_when(
    point: Point, azurite: Azurite, storage: str, tmp_path: Path
) -> None:
    async with a_site(azurite, storage, tmp_path, an_estate("kv1", "kv2", "break-glass")) as site:
        unacknowledged = await site.die_at(point, [an_event("kv1"), an_event("kv2")])

        await site.live_again()
        cases = await site.all_over()

        assert unacknowledged == []
        assert sorted((case.key.kind, case.outcome) for case in cases) == [
            (Kind.GROUP, "withdrawn"),
            (Kind.RESOURCE, "verified"),
            (Kind.RESOURCE, "verified"),
        ]
        assert sorted(task["scope"].lower() for task in await site.tasks()) == [vault("kv1"), vault("kv2")]
        assert (len(site.roots()), site.broken("break-glass")) == (2, [])
