"""Where a survey looks: the scopes that are named, else what the rules call their boundary."""

from collections.abc import Sequence

from responder.core.boundary import Scope
from responder.core.boundary_scopes import readable
from responder.core.resource_id import BadResourceId, Level, ResourceId, resource_id
from responder.core.rules import Rules

_FORMS = "write /subscriptions/<id>[/resourceGroups/<name>] or /providers/Microsoft.Management/managementGroups/<name>"


class BadSurveyScope(ValueError):
    """A scope that cannot be surveyed, or none at all; one sentence."""


def scopes_of(named: Sequence[str] | None, rules: Rules | None) -> tuple[str, ...]:
    """The scopes, folded and ordered, without those that another one covers. Raises `BadSurveyScope`."""
    found = {_scope(text) for text in named} if named else {_of_boundary(entry) for entry in _within(rules)}
    if not found:
        raise BadSurveyScope(f"The rules have no boundary (within), so say what to survey with --scope: {_FORMS}.")
    kept = [one for one in found if not any(other != one and other.covers(one) for other in found)]
    return tuple(sorted(scope.text for scope in kept))


def _within(rules: Rules | None) -> tuple[Scope, ...]:
    return (rules.within or ()) if rules else ()


def _scope(text: str) -> ResourceId:
    try:
        scope = resource_id(text.rstrip("/"))
    except BadResourceId as error:
        raise BadSurveyScope(f"--scope {text!r}: {error}; {_FORMS}.") from error
    if scope.level is not Level.MANAGEMENT_GROUP and scope.subscription is None:
        raise BadSurveyScope(f"--scope {text!r} lies in no subscription; {_FORMS}.")
    return scope


def _of_boundary(entry: Scope) -> ResourceId:
    """An entry of `within`; one with a wildcard is surveyed from where its name is still certain."""
    place = readable(entry)
    if place is None:
        raise BadSurveyScope(f"The rules' within has {entry.text}, which no query can name; survey it with --scope.")
    return place
