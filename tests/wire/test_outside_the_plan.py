"""A task that comes to a neighbour which nobody had decided is told so that a person is woken."""

from pathlib import Path

from tests.core.builders import ASSIGNMENT, DEFINITION, vault
from tests.scenarios.estates import QUICK, SCANNED, an_estate, an_event
from tests.wire.site import lines, named, watched


def a_state(name: str, compliance: str) -> dict[str, object]:
    return {
        "resourceId": vault(name),
        "policyAssignmentId": ASSIGNMENT,
        "policyDefinitionId": DEFINITION,
        "timestamp": SCANNED,
        "complianceState": compliance,
    }


async def test_a_neighbour_that_broke_after_the_plan_was_made_is_outside_of_it(storage: str, tmp_path: Path) -> None:
    async with watched(storage, tmp_path, an_estate("kv1", "kv2")) as site:
        await site.laptop.control("PUT", "dials", {**QUICK, "accepted": "PT2S"})
        for name in ("kv1", "kv2"):
            await site.laptop.deliver(an_event(name))
        await site.cases(lambda case: case.state == "running", "running")
        states = [a_state("kv2", "Compliant"), a_state("other", "NonCompliant")]
        await site.laptop.control("POST", "estate", {"resources": [{"id": vault("other")}], "states": states})
        await site.over()
        told = await site.said()

    [line] = lines(told, "outside the plan")
    [root, *_] = named(told, "remediation")
    assert (line["severityLevel"], line["customDimensions"]["responder.outside"]) == (3, vault("other"))
    assert root["customDimensions"]["responder.outside"] == vault("other")
    assert (line["operation_Id"], line["operation_ParentId"]) == (root["operation_Id"], root["id"])


async def test_a_task_that_did_what_was_decided_wakes_nobody(storage: str, tmp_path: Path) -> None:
    async with watched(storage, tmp_path, an_estate("kv1", "kv2")) as site:
        for name in ("kv1", "kv2"):
            await site.laptop.deliver(an_event(name))
        await site.over()
        told = await site.said()

    assert lines(told, "outside the plan") == []
    assert ["responder.outside" in row["customDimensions"] for row in named(told, "remediation")] == [False]
