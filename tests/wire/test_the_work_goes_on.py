"""Whatever becomes of what it tells, the app does its work, and its log says once that nobody takes it."""

from pathlib import Path

import pytest

from tests.scenarios.estates import an_estate, an_event
from tests.wire.ingestion import Answer
from tests.wire.site import watched


@pytest.mark.parametrize("answer", [Answer(503), Answer(after=60)], ids=["it refuses", "it is slow"])
async def test_a_case_is_remediated_and_verified_though_nobody_takes_its_telemetry(
    answer: Answer, storage: str, tmp_path: Path
) -> None:
    async with watched(storage, tmp_path, an_estate("kv1")) as site:
        site.ingestion.answer = answer

        await site.laptop.deliver(an_event("kv1"))
        cases = await site.over()

        said = [line for line in site.laptop.host.lines if "does not take telemetry" in line]
        assert [case.outcome for case in cases] == ["verified"]
        assert len(said) == 1
