"""What the doctor asks Resource Manager: rights, system topics, providers, tasks. All of it is reading.

`permissions` at a subscription is in no specification and answers all the same (Azure/azure-rest-api-specs#19473);
of management groups nobody says that it does. System topics are listed by subscription and have no list by source.
"""

import asyncio
from collections.abc import Collection, Mapping

from azure.core.rest import HttpRequest

from responder.adapters.arm import ArmClients, asking
from responder.adapters.arm_document import read_document, read_list
from responder.adapters.arm_error import ArmError
from responder.adapters.policy_facts import API_VERSION as ASSIGNMENTS
from responder.adapters.remediation import task
from responder.core.doctor_events import Topic
from responder.core.doctor_others import SeenTask
from responder.core.doctor_rights import Held
from responder.core.documents import BadDocument, value_of
from responder.core.event_subscription import SystemTopic, event_subscription, system_topic
from responder.core.permission import Permission, permissions
from responder.core.resource_id import ResourceId, resource_id
from responder.core.role import RoleAssignment, role, role_assignment

_ROLES, _EVENT_GRID, _PROVIDERS, _INSIGHTS = "2022-04-01", "2022-06-15", "2021-04-01", "2024-10-01"
_IDENTITIES = "2023-01-31"


class AzureHealth:
    """Asks; every method raises `ArmError` or `BadDocument` unless it says otherwise."""

    def __init__(self, clients: ArmClients) -> None:
        self._clients = clients

    async def own_rights(self, scope: ResourceId) -> Held:
        """What whoever asks may do at a scope."""
        version = {"api-version": _ROLES}
        found = await read_list(self._clients, "the permissions", scope, "Microsoft.Authorization/permissions", version)
        return Held(scope, permissions({"permissions": list(found)}, "the permissions"))

    async def rights_of(self, principal: str, scope: ResourceId) -> Held:
        """What somebody's roles allow at a scope, held there and above, by itself and through groups."""
        assigned = await self.roles_of(principal, scope)
        allowed = await asyncio.gather(*(self._allowed(each, scope) for each in assigned if not each.conditional))
        unsure = "one of its roles has a condition" if any(each.conditional for each in assigned) else ""
        return Held(scope, tuple(each for some in allowed for each in some), unsure)

    async def roles_of(self, principal: str, scope: ResourceId) -> tuple[RoleAssignment, ...]:
        """The roles that somebody holds at a scope and above it, by itself and through groups."""
        quoted = principal.replace("'", "''")
        asked = {"api-version": _ROLES, "$filter": f"atScope() and assignedTo('{quoted}')"}
        kind = "Microsoft.Authorization/roleAssignments"
        listed = await read_list(self._clients, "the role assignments", scope, kind, asked)
        return tuple(role_assignment(each) for each in listed)

    async def _allowed(self, assigned: RoleAssignment, scope: ResourceId) -> tuple[Permission, ...]:
        at = f"/subscriptions/{scope.subscription}" if scope.subscription else scope.text
        named = resource_id(f"{at}/providers/Microsoft.Authorization/roleDefinitions/{assigned.role}")
        return role(await read_document(self._clients, "the role", named, _ROLES)).permissions

    async def principal_of(self, client_id: str, subscriptions: Collection[str]) -> str | None:
        """The object id of a user-assigned identity by its client id; `None` where none has it, or none is shown."""
        for subscription in subscriptions:
            scope = resource_id(f"/subscriptions/{subscription}")
            kind, asked = "Microsoft.ManagedIdentity/userAssignedIdentities", {"api-version": _IDENTITIES}
            try:
                found = await read_list(self._clients, "the identities", scope, kind, asked)
            except (ArmError, BadDocument):
                continue
            for each in found:
                told = value_of(each, "properties")
                if isinstance(told, Mapping) and str(value_of(told, "clientId")).lower() == client_id.lower():
                    return str(value_of(told, "principalId") or "") or None
        return None

    async def groups_above(self, scope: ResourceId) -> tuple[str, ...] | None:
        """The management groups above a scope, by one of its policy states; `None` where it has none that tells."""
        path = f"/{scope.for_url}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults"
        async with asking("reading the policy states of", scope.text):
            request = HttpRequest("POST", path, params={"api-version": _INSIGHTS, "$top": "1"})
            response = await self._clients.insights.send_request(request)
            response.raise_for_status()
            rows = response.json().get("value", [])
        told = value_of(rows[0], "managementGroupIds") if rows and isinstance(rows[0], Mapping) else None
        names = told.split(",") if isinstance(told, str) else []
        return tuple(name.strip().lower() for name in names if name.strip()) or None

    async def assigned(self, scope: ResourceId) -> tuple[str, ...]:
        """The folded ids of the policy assignments at a scope in a subscription, above it and below it."""
        kind, asked = "Microsoft.Authorization/policyAssignments", {"api-version": ASSIGNMENTS}
        found = await read_list(self._clients, "the policy assignments", scope, kind, asked)
        return tuple(resource_id(value_of(each, "id")).text for each in found)

    async def topics(self, subscription: str) -> tuple[Topic, ...]:
        """The system topics of Azure Policy that lie in a subscription, with their event subscriptions."""
        scope, asked = resource_id(f"/subscriptions/{subscription}"), {"api-version": _EVENT_GRID}
        found = await read_list(self._clients, "the system topics", scope, "Microsoft.EventGrid/systemTopics", asked)
        topics = [told for each in found if (told := system_topic(each))]
        return tuple(await asyncio.gather(*map(self._subscribed, topics)))

    async def _subscribed(self, topic: SystemTopic) -> Topic:
        kind = f"Microsoft.EventGrid/systemTopics/{topic.id.name}/eventSubscriptions"
        asked = {"api-version": _EVENT_GRID}
        try:
            found = await read_list(self._clients, "the event subscriptions", topic.id.group, kind, asked)
            return Topic(topic, tuple(map(event_subscription, found)))
        except (ArmError, BadDocument) as error:
            return Topic(topic, unread=str(error))

    async def registration(self, namespace: str, subscription: str) -> str:
        """The state of a resource provider in a subscription."""
        about = f"{namespace} in {subscription}"
        async with asking("reading the resource provider", about):
            path = f"/subscriptions/{subscription}/providers/{namespace}"
            request = HttpRequest("GET", path, params={"api-version": _PROVIDERS})
            response = await self._clients.policy.send_request(request)
            response.raise_for_status()
            return str(response.json().get("registrationState") or "")

    async def tasks(self, scope: ResourceId) -> tuple[SeenTask, ...]:
        """The remediation tasks that a scope shows."""
        kind, asked = "Microsoft.PolicyInsights/remediations", {"api-version": _INSIGHTS}
        found = await read_list(self._clients, "the tasks", scope, kind, asked)
        return tuple(_task(each, scope) for each in found)


def _task(document: Mapping[str, object], scope: ResourceId) -> SeenTask:
    seen = task(document)
    held, found, _ = seen.id.lower().rpartition("/providers/microsoft.policyinsights/remediations/")
    return SeenTask(resource_id(held) if found else scope, seen.name, seen.end is not None)
