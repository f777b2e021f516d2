"""The app is killed while it tells somebody how a case went: who hangs on the topic hears of it all the same.

Each point has its line in `docs/crash-table.md`, under the name that the test has here.
"""

from pathlib import Path

import pytest

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.outcome_rows import OUTCOMES, OutcomeRows
from responder.commands.open_ledger import open_storage_of
from responder.core.case import State
from responder.local.azurite import Azurite
from tests.adapters.local_topic import LocalTopic, a_topic
from tests.scenarios.crash import Point, a_site, case_to_be_written
from tests.scenarios.estates import an_estate, an_event
from tests.scenarios.gate import Gate
from tests.scenarios.patience import eventually

_PUBLISHED = r"/api/events\?"
TOLD = {
    "the-event-is-written-down-and-the-case-not-closed": case_to_be_written("state", State.CLOSED),
    "the-case-is-closed-and-the-event-not-published": Point("topic", "POST", _PUBLISHED),
    "the-event-is-published-and-its-row-not-deleted": Point("topic", "POST", _PUBLISHED, when="after"),
}


async def nothing_waits(storage: str, topic: LocalTopic) -> list[str]:
    """What was published, once nothing is left to publish."""

    async def look() -> list[str] | None:
        left = await OutcomeRows(ConditionalTable(clients.tables, OUTCOMES)).waiting(10)
        return [str(event.data["outcome"]) for event in topic.events if event.data] if not left else None

    async with open_storage_of({"AzureWebJobsStorage": storage}) as clients:
        return await eventually(look, "every event to be published")


@pytest.mark.parametrize("point", TOLD.values(), ids=TOLD.keys())
async def test_an_end_is_told_though_the_app_dies_when(
    point: Point, azurite: Azurite, storage: str, tmp_path: Path
) -> None:
    async with (
        a_topic() as topic,
        Gate(topic.url) as gate,
        a_site(azurite, storage, tmp_path, an_estate("kv1"), gate) as site,
    ):
        await site.die_at(point, [an_event("kv1")])

        await site.live_again()
        cases = await site.all_over()
        told = await nothing_waits(storage, topic)

        assert [(case.outcome, case.round) for case in cases] == [("verified", 1)]
        assert set(told) == {"verified"}
        assert len({event.id for event in topic.events}) == 1
