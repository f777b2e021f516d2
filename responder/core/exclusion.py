"""What an assignment leaves out: excluded scopes, what its resource selectors pass over, and exemptions.

Azure shows no non-compliance there after its next scan. Until then such news is old, and a task would touch what
somebody has taken out (https://learn.microsoft.com/azure/governance/policy/concepts/scope). Each answer is whether
the resource is *not* left out (`None`: not known), and why.
"""

from functools import lru_cache

from responder.core.assignment import Assignment
from responder.core.boundary import BadScope, Finding, Scope, scope
from responder.core.exemption import Exemption
from responder.core.selector import Selected, one_applies
from responder.core.subject import Subject
from responder.core.unread import Unread


def not_excluded(subject: Subject, assigned: Assignment) -> Finding:
    """`notScopes`: Azure evaluates nothing there."""
    unknown = ""
    for excluded in assigned.not_scopes:
        entry = _scope(excluded)
        covers = entry.covers(subject) if entry else None
        if covers:
            return False, f"the assignment excludes {excluded} (notScopes)"
        if covers is None:
            what = "the management groups above the resource are not known" if entry else "that is no scope we know"
            unknown = f"notScopes name {excluded}, and {what}"
    return (None, unknown) if unknown else (True, "no notScopes entry covers it")


def selected(subject: Subject, assigned: Assignment) -> Finding:
    """`resourceSelectors`: what none of them applies to is not evaluated."""
    if not assigned.resource_selectors:
        return True, "the assignment has no resource selectors"
    match one_applies(assigned.resource_selectors, _sight(subject)):
        case True:
            return True, "a resource selector of the assignment applies"
        case False:
            return False, "none of the assignment's resource selectors applies to it"
        case _:
            return None, "the resource selectors ask for a location that is not known, or for something not known here"


def not_exempt(subject: Subject, assigned: Assignment) -> Finding:
    """Policy exemptions, at the resource or above it."""
    found = subject.facts.around.exemptions
    if isinstance(found, Unread):
        return None, f"the exemptions are not known: {found.why}"
    unknown = ""
    for entry in found:
        exempt = _exempts(entry, subject) if entry.about(assigned.id.text, subject.reference_id) else False
        if exempt:
            return False, f"exemption {entry.id} ({entry.category}) covers it"
        if exempt is None:
            unknown = f"whether exemption {entry.id} covers it is not known"
    return (None, unknown) if unknown else (True, "no exemption in force covers it")


def _exempts(entry: Exemption, subject: Subject) -> bool | None:
    """In force, at its scope or below, and selected: one no is enough."""
    where = _scope(entry.scope)
    found = (
        entry.in_force(subject.facts.around.as_of),
        where.covers(subject) if where else None,
        one_applies(entry.resource_selectors, _sight(subject)),
    )
    if False in found:
        return False
    return None if None in found else True


def _sight(subject: Subject) -> Selected:
    return Selected(subject.reference_id, subject.location, subject.resource)


@lru_cache(maxsize=4096)
def _scope(text: str) -> Scope | None:
    """Read once, because every event of an assignment asks; None for what Azure may write and we cannot read."""
    try:
        return scope(text)
    except BadScope:
        return None
