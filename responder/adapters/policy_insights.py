"""Policy states and remediation tasks, asked of Azure Resource Manager (Microsoft.PolicyInsights, 2024-10-01).

A scope's URL has the same shape at a subscription, a resource group and a resource, so the operations "at resource"
of the SDK serve all three. The scope goes in encoded (`ResourceId.for_url`): the SDK puts it into the path as it is.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from responder.adapters import remediation
from responder.adapters.arm import ALL_PAGES, ONE_CALL, ArmClients, asking
from responder.adapters.arm_error import ArmError
from responder.core.folding import fold
from responder.core.observed_state import ObservedState, observed_state
from responder.core.resource_id import ResourceId
from responder.core.task import Deployment, Task

if TYPE_CHECKING:
    from azure.core.async_paging import AsyncItemPaged

MOST_PAGES = 600  # of 100 rows each, and some that are empty
MOST_ROWS = 50_000  # what one remediation task can hold (learn.microsoft.com, remediation-structure)


class PolicyInsights:
    """What is out of compliance, and the tasks that mend it. Every method raises `ArmError`."""

    def __init__(self, clients: ArmClients) -> None:
        self._clients = clients

    async def states(
        self, scope: ResourceId, assignment: ResourceId, definition: ResourceId, reference: str
    ) -> tuple[ObservedState, ...]:
        """The latest states of one policy of one assignment, at the scope and below it.

        The reference is compared here and not in the query: we know it folded, and how the service compares it is
        not documented. A row that cannot be read makes all of them unreadable: it may be a neighbour that forbids.
        """
        wanted = f"policyAssignmentId eq '{_quoted(assignment)}' and policyDefinitionId eq '{_quoted(definition)}'"
        async with asking("reading the policy states of", scope.text, ALL_PAGES):
            rows = self._clients.insights.policy_states.list_query_results_for_resource(
                "latest", scope.for_url, filter=wanted
            )
            states = [observed_state(row) async for row in _bounded(rows, scope)]
        if None in states:
            what = "a row has no resource id or no time that can be read"
            raise ArmError("reading the policy states of", scope.text, 200, "UnreadableState", what)
        return tuple(state for state in states if state is not None and fold(state.reference) == fold(reference))

    async def task(self, scope: ResourceId, name: str) -> Task | None:
        """The task of that name at the scope; None where there is none."""
        try:
            async with asking("reading the task", _named(scope, name)):
                found = await self._clients.insights.remediations.get_at_resource(scope.for_url, name)
        except ArmError as error:
            if error.gone:
                return None
            raise
        return remediation.task(found)

    async def create(
        self, scope: ResourceId, name: str, body: Mapping[str, object], timeout: timedelta = ONE_CALL
    ) -> Task:
        """Open the task with one PUT that takes at most `timeout` in all; sent once, never again by itself.

        Where no answer came (`status` None) the task may exist all the same: look for it under its name.
        """
        async with asking("opening the task", _named(scope, name), timeout):
            made = await self._clients.insights.remediations.create_or_update_at_resource(
                scope.for_url, name, dict(body)
            )
        return remediation.task(made)

    async def cancel(self, scope: ResourceId, name: str) -> Task:
        """Ask for the task to end; it is `Cancelling` for a while (a minute in a recording)."""
        async with asking("cancelling the task", _named(scope, name)):
            told = await self._clients.insights.remediations.cancel_at_resource(scope.for_url, name)
        return remediation.task(told)

    async def deployments(self, scope: ResourceId, name: str) -> tuple[Deployment, ...]:
        """Every deployment row of the task, all pages (Azure gives 100 at a time)."""
        async with asking("listing the deployments of", _named(scope, name), ALL_PAGES):
            rows = self._clients.insights.remediations.list_deployments_at_resource(scope.for_url, name)
            return tuple([remediation.deployment(row) async for row in _bounded(rows, scope)])


async def _bounded(rows: "AsyncItemPaged[Any]", scope: ResourceId) -> AsyncIterator[Mapping[str, object]]:
    """The rows that are objects, up to `MOST_ROWS`: more would never be worked on, but would fill the memory.

    Page by page, because the SDK's own way from row to row goes one call deeper with each page that is empty.
    """
    pages = count = 0
    async for page in rows.by_page():
        pages += 1
        async for row in page:
            count += 1
            if isinstance(row, Mapping):
                yield row
            if count > MOST_ROWS:
                break
        if pages > MOST_PAGES or count > MOST_ROWS:
            what = f"more than {MOST_ROWS} rows or {MOST_PAGES} pages; ask at a narrower scope"
            raise ArmError("reading", scope.text, None, "TooManyRows", what)


def _quoted(text: ResourceId) -> str:
    """An OData string's inside: a quote is doubled (OData 4.0 ABNF, SQUOTE-in-string)."""
    return text.text.replace("'", "''")


def _named(scope: ResourceId, name: str) -> str:
    return f"{name} at {scope}"
