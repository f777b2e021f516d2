"""A worker that dies after it has told a round: what comes after it tells the same again, under the same ids."""

from pathlib import Path

import pytest

from responder.core.case import State
from responder.local.azurite import Azurite
from tests.scenarios.crash import RESOURCES, Point, a_site, case_to_be_written
from tests.scenarios.estates import an_estate, an_event
from tests.wire.ingestion import receiving
from tests.wire.site import named

AFTER_IT_WAS_TOLD = {
    "before a row is written": (Point("table", "PUT", RESOURCES), "remediation"),
    "before the case moves on": (case_to_be_written("state", State.VERIFYING), "remediation"),
    "before the verified case is closed": (case_to_be_written("state", State.CLOSED), "verify"),
}


@pytest.mark.parametrize(("point", "span"), AFTER_IT_WAS_TOLD.values(), ids=AFTER_IT_WAS_TOLD.keys())
async def test_a_repeat_after_a_kill_has_the_same_ids(
    point: Point, span: str, azurite: Azurite, storage: str, tmp_path: Path
) -> None:
    async with receiving() as ingestion:
        told = {"APPLICATIONINSIGHTS_CONNECTION_STRING": ingestion.connection_string}
        async with a_site(azurite, storage, tmp_path, an_estate("kv1"), settings=told) as site:
            await site.die_at(point, [an_event("kv1")])
            before = named(ingestion.rows(), span)

            await site.live_again()
            await site.all_over()
            await site.laptop.host.stop()
            after = named(ingestion.rows(), span)

    assert len(before) == 1
    assert len(after) == 2
    assert len({(row["operation_Id"], row["id"], row["operation_ParentId"]) for row in after}) == 1
