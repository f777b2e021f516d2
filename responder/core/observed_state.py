"""One policy state as Azure shows it when asked: the evidence a plan is made from.

Read from `policyStates/latest/queryResults` (api-version 2024-10-01). Unlike the event it carries the
effective effect, the location, the tags and the chain of management groups.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from responder.core import instant
from responder.core.folding import fold
from responder.core.policy_state import NONCOMPLIANT
from responder.core.resource_id import BadResourceId, ResourceId, resource_id


@dataclass(frozen=True, slots=True)
class ObservedState:
    """The latest state of one resource for one policy. Names are folded; `None` says that Azure did not tell."""

    resource: ResourceId
    compliance: str  # folded: "noncompliant", "compliant", "exempt", …
    scan: int  # ticks
    effect: str | None  # folded, such as "deployifnotexists"
    location: str | None
    tags: Mapping[str, str] | None
    management_groups: tuple[str, ...] | None  # names, nearest first as Azure lists them
    reference: str = ""  # as Azure spells it: what a task's body must repeat
    initiative: str | None = None


def observed_state(row: Mapping[str, object]) -> ObservedState | None:
    """Read one row of the query; a row whose resource or time cannot be read tells nothing: `None`."""
    try:
        resource = resource_id(row.get("resourceId"))
        scan = instant.ticks(str(row.get("timestamp")))
    except (BadResourceId, instant.BadInstant):
        return None
    return ObservedState(
        resource=resource,
        compliance=_compliance(row),
        scan=scan,
        effect=_folded(row.get("policyDefinitionAction")),
        location=_folded(row.get("resourceLocation")),
        tags=_tags(row.get("resourceTags")),
        management_groups=_names(row.get("managementGroupIds")),
        reference=str(row.get("policyDefinitionReferenceId") or ""),
        initiative=_folded(row.get("policySetDefinitionId")),
    )


def by_resource(states: Iterable[ObservedState]) -> dict[str, ObservedState]:
    """The newest state of each resource, in whatever order they came; on a tie the non-compliant one."""
    newest = sorted(states, key=lambda state: (state.scan, state.compliance == NONCOMPLIANT))
    return {state.resource.text: state for state in newest}


def _compliance(row: Mapping[str, object]) -> str:
    told = row.get("complianceState")
    if isinstance(told, str) and told:
        return told.lower()
    return "compliant" if row.get("isCompliant") is True else "noncompliant"


def _folded(value: object) -> str | None:
    return fold(_whole(value)) if isinstance(value, str) and value else None


def _names(value: object) -> tuple[str, ...] | None:
    """Every subscription lies below its tenant's root group, so an empty list is one that was not filled in."""
    if not isinstance(value, str):
        return None
    return tuple(fold(name.strip()) for name in value.split(",") if name.strip()) or None


def _tags(value: object) -> Mapping[str, str] | None:
    """Tags come as a JSON text, and as "tbd" or null where Azure has not filled them in yet."""
    if not isinstance(value, str):
        return None
    try:
        tags = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(tags, dict):
        return None
    return {fold(_whole(name)): _whole(text) for name, text in tags.items()}


def _whole(value: object) -> str:
    """A text that any encoding can write: half of a surrogate pair, which JSON can spell, is replaced."""
    text = str(value) if isinstance(value, str | int | float | None) else f"({type(value).__name__})"
    return text.encode("utf-8", "replace").decode()
