"""A policy is assigned at a management group, and the app has its role at one subscription below it."""

import json
from pathlib import Path

from tests.core.builders import ASSIGNMENT, vault
from tests.scenarios.estates import an_estate, an_event
from tests.scenarios.test_main_job import a_laptop, cases_over, tasks

GROUP = "/providers/microsoft.management/managementgroups/alz"
ABOVE = f"{GROUP}/providers/microsoft.authorization/policyassignments/deploy-diag-kv"
REFUSED = {
    "method": "GET",
    "path": "^/providers/microsoft.management/managementgroups/.*/policyassignments/",
    "status": 403,
    "code": "AuthorizationFailed",
    "times": None,
}


async def test_a_role_at_the_subscription_is_enough(storage: str, tmp_path: Path) -> None:
    estate = json.loads(json.dumps(an_estate("kv1")).replace(ASSIGNMENT, ABOVE))
    async with a_laptop(storage, tmp_path, estate) as laptop:
        await laptop.control("POST", "faults", [REFUSED])
        event = json.loads(json.dumps(an_event("kv1")).replace(ASSIGNMENT, ABOVE))
        await laptop.deliver(event)

        (case,) = await cases_over(storage)

        assert case.outcome == "verified"
        assert [task["scope"].lower() for task in await tasks(laptop)] == [vault("kv1")]
        refused = await laptop.control("GET", "requests")
        assert isinstance(refused, list)
        assert any(asked["status"] == 403 for asked in refused)
