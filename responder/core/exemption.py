"""Policy exemptions: what somebody has decided to leave as it is.

A waiver and a mitigation both count; one that has expired does not, although Azure keeps it
(https://learn.microsoft.com/azure/governance/policy/concepts/exemption-structure). Azure shows an exempt resource
as `Exempt` from the next scan on; until then its state still says non-compliant, and only the exemption itself
tells that nobody wants a task.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from responder.core import instant
from responder.core.documents import BadDocument, properties_of, text_of, texts_of, value_of
from responder.core.folding import fold
from responder.core.resource_id import BadResourceId, ResourceId, resource_id
from responder.core.selector import ResourceSelector, resource_selectors

_PROVIDER = "/providers/microsoft.authorization/policyexemptions/"


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exemption. Ids and reference ids are folded."""

    id: ResourceId
    scope: str  # where it was put; it covers everything below
    assignment_id: str
    category: str = "Waiver"  # as Azure spells it: Waiver or Mitigated; any other counts alike
    expires: int | None = None  # ticks
    references: tuple[str, ...] = ()  # empty: every policy of the assignment
    resource_selectors: tuple[ResourceSelector, ...] = ()

    def about(self, assignment: str, reference: str) -> bool:
        """Whether it is an exemption from this assignment's policy."""
        return self.assignment_id == fold(assignment) and (not self.references or fold(reference) in self.references)

    def in_force(self, now: datetime | None) -> bool | None:
        """Whether it has not expired; None where it expires and the time is not known."""
        if self.expires is None:
            return True
        return None if now is None else instant.of(now) < self.expires


def exemption(document: Mapping[str, object]) -> Exemption:
    """Read an exemption as Resource Manager returns it; raises `BadDocument`."""
    try:
        named = resource_id(value_of(document, "id"))
    except BadResourceId as error:
        raise BadDocument(f"the exemption's id is not usable: {error}") from error
    if _PROVIDER not in named.text:
        raise BadDocument(f"{named} is not the id of a policy exemption")
    what = f"exemption {named}"
    properties = properties_of(document, what)
    return Exemption(
        id=named,
        scope=named.text.rpartition(_PROVIDER)[0],
        assignment_id=fold(text_of(properties, "policyAssignmentId", what)).rstrip("/"),
        category=str(value_of(properties, "exemptionCategory") or "Waiver"),
        expires=_expiry(properties, what),
        references=tuple(fold(each) for each in texts_of(properties, "policyDefinitionReferenceIds", what)),
        resource_selectors=resource_selectors(properties, what),
    )


def exemptions(documents: Iterable[Mapping[str, object]]) -> tuple[Exemption, ...]:
    """Read a list of them; raises `BadDocument` for the first that cannot be understood."""
    return tuple(exemption(document) for document in documents)


def _expiry(properties: Mapping[str, object], what: str) -> int | None:
    told = value_of(properties, "expiresOn")
    if told is None:
        return None
    try:
        return instant.ticks(str(told))
    except instant.BadInstant as error:
        raise BadDocument(f"{what}: expiresOn {error}") from error
