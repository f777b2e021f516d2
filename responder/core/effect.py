"""The effect that Azure Policy applies to one resource.

What Azure reports (`policyDefinitionAction` of the policy state) wins. Before that is read the effect is computed
as the documentation describes it: the first override of the assignment that applies, else the definition's literal,
or its parameter from the assignment, through the initiative's mapping, or from the default
(https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure#overrides).
"""

import re
from collections.abc import Mapping

from responder.core.assignment import Assignment, Override, Selector
from responder.core.definition import Definition, Initiative
from responder.core.facts import Facts, Missing, Unread

REMEDIABLE = frozenset({"deployifnotexists", "modify"})
"""Only these have remediation tasks (https://learn.microsoft.com/azure/governance/policy/how-to/remediate-resources)."""
_PARAMETER = re.compile(r"\[\s*parameters\(\s*'([^']+)'\s*\)\s*\]", re.IGNORECASE)


def effective_effect(facts: Facts, reference: str, location: str | Unread) -> str | Unread:
    """The effect, folded, or why it cannot be told; `reference` is "" outside an initiative."""
    if isinstance(facts.effect, str):
        return facts.effect
    assigned = facts.assignment
    if not isinstance(assigned, Assignment):
        return Unread(f"the assignment is not known ({_why(assigned)})")
    for override in assigned.overrides:
        applies = _applies(override, reference, location)
        if applies is None:
            return Unread("an override of the assignment depends on the location, which is not known")
        if applies:
            return _literal(override.value)
    return _written(facts, assigned, reference)


def _applies(override: Override, reference: str, location: str | Unread) -> bool | None:
    if override.kind != "policyeffect":
        return False
    told = [_selects(selector, reference, location) for selector in override.selectors]
    if False in told:
        return False
    return None if None in told else True


def _selects(selector: Selector, reference: str, location: str | Unread) -> bool | None:
    match selector.kind:
        case "policydefinitionreferenceid":
            return (reference.lower() in selector.values) is selector.among
        case "resourcelocation":
            return None if isinstance(location, Unread) else (location in selector.values) is selector.among
        case _:
            return None  # a kind that Azure has added since


def _written(facts: Facts, assigned: Assignment, reference: str) -> str | Unread:
    """What the definition says, with its parameter filled in."""
    defined = facts.definition
    if not isinstance(defined, Definition):
        return Unread(f"the definition is not known ({_why(defined)})")
    parameter = _parameter(defined.effect)
    if parameter is None:
        return _literal(defined.effect)
    match facts.initiative:
        case None:
            given: object = assigned.parameters.get(parameter)
        case Initiative() as group:
            given = _mapped(group, assigned.parameters, reference, parameter)
        case unknown:
            return Unread(f"the initiative is not known ({_why(unknown)})")
    return _literal(given if given is not None else defined.parameters.get(parameter))


def _mapped(group: Initiative, values: Mapping[str, object], reference: str, parameter: str) -> object:
    """The value that the initiative hands to one of its policies; None where it leaves the default."""
    entry = group.reference(reference)
    if entry is None:
        return Unread(f"initiative {group.id} has no policy {reference!r}")
    given = entry.parameters.get(parameter)
    outer = _parameter(given)
    if outer is None:
        return given
    value = values.get(outer, group.parameters.get(outer))
    return value if value is not None else Unread(f"nothing gives a value to the initiative's parameter {outer!r}")


def _parameter(expression: object) -> str | None:
    shape = _PARAMETER.fullmatch(expression.strip()) if isinstance(expression, str) else None
    return shape[1].lower() if shape else None


def _literal(value: object) -> str | Unread:
    if isinstance(value, Unread):
        return value
    if not isinstance(value, str) or not value or value.startswith("["):
        return Unread(f"the effect is written as {value!r}, which cannot be worked out from here")
    return value.lower()


def _why(fact: Missing | Unread) -> str:
    return fact.what if isinstance(fact, Missing) else fact.why
