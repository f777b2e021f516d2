"""A policy assignment, as far as a decision depends on it.

Read from what Resource Manager returns for `Microsoft.Authorization/policyAssignments`
(https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from responder.core.documents import (
    BadDocument,
    mapping_of,
    objects_of,
    parameter_values,
    properties_of,
    text_of,
    texts_of,
    value_of,
)
from responder.core.folding import fold
from responder.core.resource_id import BadResourceId, ResourceId, resource_id
from responder.core.selector import ResourceSelector, Selector, resource_selectors, selectors

_PROVIDER = "/providers/microsoft.authorization/policyassignments/"
_IDENTITIES = ("systemassigned", "userassigned", "none")


@dataclass(frozen=True, slots=True)
class Override:
    """One override; without selectors it applies to everything."""

    kind: str  # folded; only policyeffect concerns us
    value: str  # folded
    selectors: tuple[Selector, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One policy assignment. Ids and names of parameters are folded."""

    id: ResourceId
    scope: str
    definition_id: str
    identity: str  # none, systemassigned or userassigned
    principal_ids: tuple[str, ...] = ()
    not_scopes: tuple[str, ...] = ()
    enforcement_mode: str = "Default"  # as Azure spells it
    parameters: Mapping[str, object] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    resource_selectors: tuple[ResourceSelector, ...] = ()
    display_name: str = ""
    definition_version: str = ""  # such as `1.*.*`; "" where none is pinned

    @property
    def assigns_initiative(self) -> bool:
        """Whether a policy set is assigned, and not a single policy."""
        return "/policysetdefinitions/" in self.definition_id


def assignment(document: Mapping[str, object]) -> Assignment:
    """Read an assignment; raises `BadDocument`. Templates without an id get the one their scope and name make."""
    properties = properties_of(document, "the assignment")
    what = f"assignment {value_of(document, 'name') or value_of(document, 'id')}"
    named = _id(document, properties, what)
    return Assignment(
        id=named,
        scope=_scope(properties, named),
        definition_id=fold(text_of(properties, "policyDefinitionId", what)).rstrip("/"),
        identity=_identity(document, what),
        principal_ids=_principals(document, what),
        not_scopes=tuple(fold(scope).rstrip("/") for scope in texts_of(properties, "notScopes", what)),
        enforcement_mode=str(value_of(properties, "enforcementMode") or "Default"),
        parameters=parameter_values(mapping_of(properties, "parameters", what), "value"),
        overrides=tuple(_override(entry, what) for entry in objects_of(properties, "overrides", what)),
        resource_selectors=resource_selectors(properties, what),
        display_name=str(value_of(properties, "displayName") or ""),
        definition_version=str(value_of(properties, "definitionVersion") or "").lower(),
    )


def _id(document: Mapping[str, object], properties: Mapping[str, object], what: str) -> ResourceId:
    text = value_of(document, "id")
    if not text:
        scope = text_of(properties, "scope", f"{what} has no id and")
        text = f"{scope}/providers/Microsoft.Authorization/policyAssignments/{text_of(document, 'name', what)}"
    try:
        named = resource_id(text)
    except BadResourceId as error:
        raise BadDocument(f"{what}: its id {str(text)[:200]!r} is not usable: {error}") from error
    if _PROVIDER not in named.text:
        raise BadDocument(f"{named} is not the id of a policy assignment")
    return named


def _scope(properties: Mapping[str, object], named: ResourceId) -> str:
    told = value_of(properties, "scope")
    return fold(told).rstrip("/") if isinstance(told, str) and told else named.text.rpartition(_PROVIDER)[0]


def _identity(document: Mapping[str, object], what: str) -> str:
    kind = str(value_of(mapping_of(document, "identity", what), "type") or "None").lower()
    if kind not in _IDENTITIES:
        raise BadDocument(f"{what}: its identity is of type {kind[:40]!r}, none that an assignment can have")
    return kind


def _principals(document: Mapping[str, object], what: str) -> tuple[str, ...]:
    identity = mapping_of(document, "identity", what)
    users = mapping_of(identity, "userAssignedIdentities", what).values()
    holders = [identity, *(user for user in users if isinstance(user, Mapping))]
    told = (value_of(holder, "principalId") for holder in holders)
    return tuple(principal.lower() for principal in told if isinstance(principal, str) and principal)


def _override(entry: Mapping[str, object], what: str) -> Override:
    kind, value = text_of(entry, "kind", f"{what}: an override"), text_of(entry, "value", f"{what}: an override")
    return Override(kind.lower(), value.lower(), selectors(entry, what))
