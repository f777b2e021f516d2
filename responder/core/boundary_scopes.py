"""What `within` names, as scopes that a query of policy states can go to: where backfill and a survey look."""

from collections.abc import Sequence

from responder.core.boundary import Scope
from responder.core.resource_id import ResourceId, resource_id


def scopes_to_read(within: Sequence[Scope] | None) -> tuple[str, ...]:
    """The scopes, folded and ordered, without those that another one covers; none where nothing bounds the rules."""
    found = {place for entry in within or () if (place := readable(entry))}
    kept = [one for one in found if not any(other != one and other.covers(one) for other in found)]
    return tuple(sorted(scope.text for scope in kept))


def unreadable_entries(within: Sequence[Scope] | None) -> tuple[str, ...]:
    """The entries that no query can name."""
    return tuple(entry.text for entry in within or () if readable(entry) is None)


def readable(entry: Scope) -> ResourceId | None:
    """An entry as a scope; one with a wildcard from where its name is still certain, or `None`."""
    if entry.wild is None:
        return resource_id("/" + "/".join(entry.segments))
    certain = entry.segments[: next(at for at, part in enumerate(entry.segments) if "*" in part)]
    place = certain[:4] if len(certain) >= 4 else certain[:2]
    if entry.segments[0] != "subscriptions" or len(place) < 2:
        return None
    return resource_id("/" + "/".join(place))
