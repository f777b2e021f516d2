"""The effect that Azure Policy applies to one resource.

What Azure reports (`policyDefinitionAction` of the policy state) wins. Before that is read the effect is computed
as the documentation describes it: the first override of the assignment that applies, else the definition's literal,
or its parameter from the assignment, through the initiative's mapping, or from the default
(https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure#overrides).
"""

from responder.core.assignment import Assignment
from responder.core.definition import Definition
from responder.core.facts import Facts, Unread
from responder.core.parameters import filled_in
from responder.core.selector import Selected, all_hold
from responder.core.unread import told

REMEDIABLE = frozenset({"deployifnotexists", "modify"})
"""Only these have remediation tasks (https://learn.microsoft.com/azure/governance/policy/how-to/remediate-resources)."""
_WHY_NOT = "whether the assignment's override to {} applies depends on the location, or on something not known here"


def effective_effect(facts: Facts, reference: str, location: str | Unread) -> str | Unread:
    """The effect, folded, or why it cannot be told; `reference` is "" outside an initiative."""
    if isinstance(facts.effect, str):
        return facts.effect
    assigned = facts.assignment
    if not isinstance(assigned, Assignment):
        return Unread(f"the assignment is not known ({told(assigned)})")
    for override in assigned.overrides:
        if override.kind != "policyeffect":
            continue
        applies = all_hold(override.selectors, Selected(reference, location))
        if applies is None:
            return Unread(_WHY_NOT.format(override.value))
        if applies:
            return _literal(override.value)
    if not isinstance(facts.definition, Definition):
        return Unread(f"the definition is not known ({told(facts.definition)})")
    return _literal(filled_in(facts.definition.effect, facts, reference))


def _literal(value: object) -> str | Unread:
    if isinstance(value, Unread):
        return value
    if not isinstance(value, str) or not value or value.startswith("["):
        return Unread(f"the effect is written as {value!r}, which cannot be worked out from here")
    return value.lower()
