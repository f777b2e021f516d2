"""One present policy state, as a survey reads it: what it names, and what it tells of the resource.

A survey decides states and the app decides events, with the same code. So a state is put into the words of the event
that would have announced it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from responder.core.decision import Decision
from responder.core.folding import fold
from responder.core.observed_state import ObservedState, observed_state
from responder.core.policy_state import NONCOMPLIANT, PolicyStateChange
from responder.core.resource_id import BadResourceId, ResourceId, resource_id
from responder.core.rights import MissingRole

KEPT = (
    "resourceId",
    "policyAssignmentId",
    "policyDefinitionId",
    "policyDefinitionReferenceId",
    "policySetDefinitionId",
    "policyDefinitionAction",
    "complianceState",
    "isCompliant",
    "timestamp",
    "resourceLocation",
    "resourceTags",
    "managementGroupIds",
)
"""The columns of `policyStates/latest/queryResults` that a decision can depend on; the others are not kept."""
_ASSIGNMENTS = "microsoft.authorization/policyassignments"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a state speaks of: the assignment, the definition, and its reference id in an initiative ("" outside)."""

    assignment: ResourceId
    definition: ResourceId
    reference: str  # folded


@dataclass(frozen=True, slots=True)
class Unit:
    """What facts are read for: one policy in one subscription."""

    subscription: ResourceId
    policy: Policy


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One non-compliant state."""

    policy: Policy
    observed: ObservedState

    @property
    def resource(self) -> ResourceId:
        """The resource that is out of compliance."""
        return self.observed.resource

    @property
    def unit(self) -> Unit:
        """Whose facts it shares."""
        return Unit(ResourceId("/" + "/".join(self.resource.segments[:2])), self.policy)

    @property
    def change(self) -> PolicyStateChange:
        """The event that would have announced it."""
        return PolicyStateChange(
            event_id="",
            kind="Changed",
            resource=self.observed.resource,
            assignment=self.policy.assignment,
            definition=self.policy.definition,
            reference=self.policy.reference,
            compliance=NONCOMPLIANT,
            scan=self.observed.scan,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A state, what the rules say to it, and the roles that its policy's identity lacks there for certain."""

    state: Surveyed
    decision: Decision
    missing: tuple[MissingRole, ...] = ()


def surveyed(row: Mapping[str, object]) -> Surveyed | None:
    """Read one row of the query; `None` where it is compliant, or holds an id or time that cannot be read."""
    observed = observed_state(row)
    if observed is None or observed.compliance != NONCOMPLIANT or observed.resource.subscription is None:
        return None
    try:
        assignment = resource_id(row.get("policyAssignmentId"))
        definition = resource_id(row.get("policyDefinitionId"))
    except BadResourceId:
        return None
    if assignment.type != _ASSIGNMENTS or not _usable(observed.reference):
        return None
    return Surveyed(Policy(assignment, definition, fold(observed.reference)), observed)


def _usable(reference: str) -> bool:
    """Whether the door for events would take it, too."""
    return len(reference) <= 256 and (not reference or reference.isprintable())


def is_compliant(row: Mapping[str, object]) -> bool:
    """Whether a row that gave no state is simply not non-compliant, and no riddle."""
    observed = observed_state(row)
    return observed is not None and observed.compliance != NONCOMPLIANT
