"""What stands in the simulated tenant: its hierarchy, its policy documents, its resources and their states.

Stored under folded ids, returned as given. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from responder.local.simulator import scope as ids
from responder.local.simulator.documents import (
    CallerPermission,
    Document,
    Estate,
    Json,
    ManagementGroup,
    Resource,
    State,
)
from responder.local.simulator.wire import stamp

# Collection in a path -> type as Resource Manager prints it.
COLLECTIONS: Mapping[str, str] = {
    "policyassignments": "Microsoft.Authorization/policyAssignments",
    "policydefinitions": "Microsoft.Authorization/policyDefinitions",
    "policysetdefinitions": "Microsoft.Authorization/policySetDefinitions",
    "policyexemptions": "Microsoft.Authorization/policyExemptions",
    "roleassignments": "Microsoft.Authorization/roleAssignments",
    "roledefinitions": "Microsoft.Authorization/roleDefinitions",
    "userassignedidentities": "Microsoft.ManagedIdentity/userAssignedIdentities",
    "systemtopics": "Microsoft.EventGrid/systemTopics",
    "eventsubscriptions": "Microsoft.EventGrid/systemTopics/eventSubscriptions",
}

StateKey = tuple[str, str, str, str]


def state_key(state: State) -> StateKey:
    """Resource, assignment, definition and reference: there is one state for the four."""
    return (
        ids.key(state.resource_id),
        ids.key(state.policy_assignment_id),
        ids.key(state.policy_definition_id),
        state.policy_definition_reference_id.lower(),
    )


class Tenant:
    """The world the services look at."""

    def __init__(self) -> None:
        self.states: dict[StateKey, State] = {}
        self._keys: dict[str, dict[StateKey, None]] = {}  # by subscription, so that a wide estate stays quick
        self._documents: dict[str, dict[str, Json]] = {name: {} for name in COLLECTIONS}
        self._resources: dict[str, Resource] = {}
        self._groups: dict[str, ManagementGroup] = {}
        self.permissions: list[CallerPermission] = []
        self.registrations: dict[tuple[str, str], str] = {}  # by subscription and namespace, folded

    def add(self, estate: Estate, now: datetime) -> None:
        """Put an estate in; what is there under the same id is replaced."""
        self._groups |= {group.name.lower(): group for group in estate.management_groups}
        self.permissions += estate.permissions
        self.registrations |= {
            (each.subscription.lower(), each.namespace.lower()): each.registration_state for each in estate.providers
        }
        self._resources |= {ids.key(resource.id): resource for resource in estate.resources}
        for collection, documents in _collected(estate):
            for document in documents:
                self._documents[collection][ids.key(document.id)] = _completed(collection, document)
        for state in estate.states:
            self.change(state, now)

    def change(self, state: State, now: datetime) -> State | None:
        """Set one state, or take it away where it names none; returns the one that stood there."""
        key = state_key(state)
        before = self.states.get(key)
        keys = self._keys.setdefault((ids.subscription_of(state.resource_id) or "").lower(), {})
        if state.compliance_state is None:
            self.states.pop(key, None)
            keys.pop(key, None)
        else:
            keys[key] = None
            self.states[key] = state.model_copy(update={"timestamp": state.timestamp or stamp(now)})
        return before

    def resource(self, resource_id: str) -> Resource:
        """The resource of that id; one nobody described is an ordinary one."""
        return self._resources.get(ids.key(resource_id)) or Resource(id=resource_id)

    def document(self, collection: str, document_id: str) -> Json | None:
        """An assignment, definition or the like by its whole id."""
        return self._documents[collection].get(ids.key(document_id))

    def documents(self, collection: str) -> Iterator[Json]:
        """All documents of one kind."""
        return iter(self._documents[collection].values())

    def management_groups_of(self, scope: str) -> list[str]:
        """Names of the management groups above a scope, nearest first."""
        return list(self._above(scope))

    def contains(self, outer: str, inner: str) -> bool:
        """Whether `inner` is `outer` or lies below it in the hierarchy."""
        group = ids.management_group_of(outer)
        if group is not None:
            below = {name.lower() for name in self._above(inner)}
            return ids.key(outer) == ids.key(inner) or group.lower() in below
        return (ids.key(inner) + "/").startswith(ids.key(outer).rstrip("/") + "/")

    def states_at(self, scope: str) -> Iterator[State]:
        """The states of what lies at a scope and below it."""
        within = ids.subscription_of(scope)
        keys = self._keys.get(within.lower(), {}) if within else self.states
        for key in list(keys):
            state = self.states[key]
            if self.contains(scope, state.resource_id):
                yield state

    def _above(self, scope: str) -> Iterator[str]:
        own = ids.management_group_of(scope)
        if own is not None:
            group = self._groups.get(own.lower())
            name = group.parent if group else None
        else:
            name = self._group_of_subscription((ids.subscription_of(scope) or "").lower())
        seen: set[str] = set()
        while name is not None and name.lower() not in seen:
            seen.add(name.lower())
            yield name
            group = self._groups.get(name.lower())
            name = group.parent if group else None

    def _group_of_subscription(self, subscription: str) -> str | None:
        for group in self._groups.values():
            if subscription in (name.lower() for name in group.subscriptions):
                return group.name
        return None


def text_in(document: Json | None, name: str) -> str:
    """A text among the document's `properties`; empty where it is missing."""
    value = properties_of(document).get(name)
    return value if isinstance(value, str) else ""


def properties_of(document: Json | None) -> Json:
    """The document's `properties`; empty where there are none."""
    found = (document or {}).get("properties")
    return found if isinstance(found, dict) else {}


def _collected(estate: Estate) -> Iterator[tuple[str, list[Document]]]:
    yield "policyassignments", estate.assignments
    yield "policydefinitions", estate.definitions
    yield "policysetdefinitions", estate.initiatives
    yield "policyexemptions", estate.exemptions
    yield "roleassignments", estate.role_assignments
    yield "roledefinitions", estate.role_definitions
    yield "userassignedidentities", estate.managed_identities
    yield "systemtopics", estate.system_topics
    yield "eventsubscriptions", estate.event_subscriptions


def _completed(collection: str, document: Document) -> Json:
    """Resource Manager always returns name and type; whoever writes an estate need not."""
    return {"name": ids.name_of(document.id), "type": COLLECTIONS[collection], **document.body()}
