"""The present non-compliant states at a scope, one page of the query at a time.

`policyStates/latest/queryResults` exists at every scope, a management group too
(https://learn.microsoft.com/rest/api/policyinsights/policy-states), so one query reads all that lies below it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.rest import HttpRequest

from responder.adapters.arm import ArmClients, asking
from responder.core.resource_id import resource_id

API_VERSION = "2024-10-01"
_FILTER = "complianceState eq 'NonCompliant'"


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a page as Azure wrote them, and the link to the next one, where there is one."""

    rows: list[Mapping[str, object]]
    following: str | None


async def read_page(clients: ArmClients, scope: str, link: str | None) -> Page:
    """One page: the first, or the one that a link leads to. Raises `ArmError`.

    A link goes out as Azure wrote it; the pipeline refuses one that leads to another host. The SDK would make an
    object of each row, which costs more than all the rest; the rows are read as they came.
    """
    async with asking("reading the policy states of", scope):
        response = await clients.insights.send_request(_request(scope, link))
        response.raise_for_status()
        body: Any = response.json()
    rows = [row for row in body.get("value", []) if isinstance(row, Mapping)]
    following = body.get("@odata.nextLink")
    return Page(rows, following if isinstance(following, str) and following else None)


def _request(scope: str, link: str | None) -> HttpRequest:
    if link is not None:
        return HttpRequest("POST", link)
    path = f"/{resource_id(scope).for_url}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults"
    return HttpRequest("POST", path, params={"api-version": API_VERSION, "$filter": _FILTER})
