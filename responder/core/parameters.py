"""What a definition writes as `[parameters('x')]`, with the value that reaches it.

The value comes from the assignment, through the initiative's mapping, or from a default
(https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-parameters). Effects, evaluation
delays and names of resource groups are written so. Any other template expression cannot be worked out from here.
"""

import re
from collections.abc import Mapping

from responder.core.assignment import Assignment
from responder.core.definition import Definition, Initiative
from responder.core.facts import Facts, Unread
from responder.core.unread import told

_PARAMETER = re.compile(r"\[\s*parameters\(\s*'([^']+)'\s*\)\s*\]", re.IGNORECASE)


def filled_in(written: object, facts: Facts, reference: str) -> object:
    """A value of the definition with its parameter filled in; `Unread` where what gives it is not known.

    `reference` is "" outside an initiative. None where nothing gives a value, and no default does.
    """
    parameter = _parameter(written)
    if parameter is None:
        return written
    assigned, defined = facts.assignment, facts.definition
    if not isinstance(assigned, Assignment):
        return Unread(f"the assignment is not known ({told(assigned)})")
    if not isinstance(defined, Definition):
        return Unread(f"the definition is not known ({told(defined)})")
    match facts.initiative:
        case None:
            given: object = assigned.parameters.get(parameter)
        case Initiative() as group:
            given = _mapped(group, assigned.parameters, reference, parameter)
        case unknown:
            return Unread(f"the initiative is not known ({told(unknown)})")
    return given if given is not None else defined.parameters.get(parameter)


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
