"""Policy definitions and initiatives, as far as a decision depends on them.

Read from what Resource Manager returns
(https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-basics,
https://learn.microsoft.com/azure/governance/policy/concepts/initiative-definition-structure).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from responder.core.applicability import resource_types
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


@dataclass(frozen=True, slots=True)
class Definition:
    """One policy definition. The names of parameters are folded, their values are as they are."""

    id: ResourceId
    effect: str  # as written: a literal such as "modify", or "[parameters('effect')]"
    parameters: Mapping[str, object] = field(default_factory=dict)  # default values
    allowed_values: Mapping[str, object] = field(default_factory=dict)
    mode: str = "All"
    evaluation_delay: str | None = None  # as written, an expression too
    types: frozenset[str] | None = None  # folded types that `if` can match; None where that cannot be told
    rule: Mapping[str, object] = field(default_factory=dict)
    role_ids: tuple[str, ...] = ()  # folded; what the identity of an assignment needs
    deployment_scope: str = "resourcegroup"  # folded; or subscription
    landing_group: str = ""  # details.resourceGroupName, as written
    version: str = ""


@dataclass(frozen=True, slots=True)
class InitiativeReference:
    """One policy within an initiative."""

    reference_id: str  # as spelled in the initiative: a task must repeat it
    definition_id: str  # folded
    parameters: Mapping[str, object] = field(default_factory=dict)  # values, often "[parameters('…')]"
    definition_version: str = ""  # such as `1.*.*`; "" where none is pinned


@dataclass(frozen=True, slots=True)
class Initiative:
    """One initiative (policy set definition)."""

    id: ResourceId
    parameters: Mapping[str, object] = field(default_factory=dict)  # default values
    references: tuple[InitiativeReference, ...] = ()

    def reference(self, reference_id: str) -> InitiativeReference | None:
        """The policy of that reference id, compared without case."""
        folded = fold(reference_id)
        return next((entry for entry in self.references if fold(entry.reference_id) == folded), None)


def definition(document: Mapping[str, object]) -> Definition:
    """Read a definition; raises `BadDocument`."""
    named = _id(document, "definition")
    properties = properties_of(document, f"definition {named}")
    rule = mapping_of(properties, "policyRule", f"definition {named}")
    then = mapping_of(rule, "then", f"definition {named}: policyRule")
    parameters = mapping_of(properties, "parameters", f"definition {named}")
    details = _details(then)
    return Definition(
        id=named,
        effect=text_of(then, "effect", f"definition {named}: policyRule.then"),
        parameters=parameter_values(parameters, "defaultValue"),
        allowed_values=parameter_values(parameters, "allowedValues"),
        mode=str(value_of(properties, "mode") or "All"),
        evaluation_delay=_text(details, "evaluationDelay") or None,
        types=resource_types(value_of(rule, "if")),
        rule=rule,
        role_ids=tuple(each.lower() for each in texts_of(details, "roleDefinitionIds", f"definition {named}")),
        deployment_scope=_text(details, "deploymentScope").lower() or "resourcegroup",
        landing_group=_text(details, "resourceGroupName"),
        version=_version(properties),
    )


def initiative(document: Mapping[str, object]) -> Initiative:
    """Read an initiative; raises `BadDocument`."""
    named = _id(document, "initiative")
    what = f"initiative {named}"
    properties = properties_of(document, what)
    return Initiative(
        id=named,
        parameters=parameter_values(mapping_of(properties, "parameters", what), "defaultValue"),
        references=tuple(_reference(entry, what) for entry in objects_of(properties, "policyDefinitions", what)),
    )


def _id(document: Mapping[str, object], kind: str) -> ResourceId:
    try:
        return resource_id(value_of(document, "id"))
    except BadResourceId as error:
        raise BadDocument(f"the {kind}'s id is not usable: {error}") from error


def _details(then: Mapping[str, object]) -> Mapping[str, object]:
    details = value_of(then, "details")  # an object, or a list for append
    return details if isinstance(details, Mapping) else {}


def _version(properties: Mapping[str, object]) -> str:
    """`version`, or what definitions of one's own keep under `metadata`."""
    metadata = value_of(properties, "metadata")
    return _text(properties, "version") or (_text(metadata, "version") if isinstance(metadata, Mapping) else "")


def _text(document: Mapping[str, object], key: str) -> str:
    value = value_of(document, key)
    return value if isinstance(value, str) else ""


def _reference(entry: Mapping[str, object], what: str) -> InitiativeReference:
    definition_id = fold(text_of(entry, "policyDefinitionId", f"{what}: a policy"))
    return InitiativeReference(
        reference_id=text_of(entry, "policyDefinitionReferenceId", f"{what}: policy {definition_id}"),
        definition_id=definition_id,
        parameters=parameter_values(mapping_of(entry, "parameters", what), "value"),
        definition_version=_text(entry, "definitionVersion").lower(),
    )
