"""Which resources an assignment, an override or an exemption selects by place and kind.

Inside one resource selector all conditions must hold; of several selectors one is enough
(https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure#resource-selectors). A kind of
condition that Azure has added since is *not known*: what cannot be understood selects nothing for sure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from responder.core.documents import BadDocument, objects_of, text_of, texts_of, value_of
from responder.core.folding import fold
from responder.core.resource_id import Level, ResourceId
from responder.core.unread import Unread

_NO_LOCATION = "subscriptionlevelresources"


@dataclass(frozen=True, slots=True)
class Selector:
    """One condition of an override or a resource selector: a kind, and values that are in or not in."""

    kind: str  # folded: policydefinitionreferenceid, resourcelocation, resourcetype, …
    values: tuple[str, ...]  # folded
    among: bool  # True for `in`, False for `notIn`


@dataclass(frozen=True, slots=True)
class ResourceSelector:
    """One resource selector: it applies where all of its selectors do."""

    name: str
    selectors: tuple[Selector, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """What selectors look at. `resource` is None where only the policy and the location matter (overrides)."""

    reference: str
    location: str | Unread
    resource: ResourceId | None = None


def selectors(entry: Mapping[str, object], what: str) -> tuple[Selector, ...]:
    """Read the conditions under `selectors`; raises `BadDocument`."""
    return tuple(_selector(selector, what) for selector in objects_of(entry, "selectors", what))


def resource_selectors(properties: Mapping[str, object], what: str) -> tuple[ResourceSelector, ...]:
    """Read the resource selectors of an assignment or an exemption; raises `BadDocument`."""
    return tuple(
        ResourceSelector(str(value_of(entry, "name") or ""), selectors(entry, what))
        for entry in objects_of(properties, "resourceSelectors", what)
    )


def all_hold(conditions: Iterable[Selector], about: Selected) -> bool | None:
    """Whether every condition holds; of none, they do."""
    found = [_holds(condition, about) for condition in conditions]
    if False in found:
        return False
    return None if None in found else True


def one_applies(choices: tuple[ResourceSelector, ...], about: Selected) -> bool | None:
    """Whether one of the resource selectors applies; where there is none, everything is selected."""
    found = [all_hold(choice.selectors, about) for choice in choices]
    if True in found or not found:
        return True
    return None if None in found else False


def _holds(condition: Selector, about: Selected) -> bool | None:
    match condition.kind:
        case "policydefinitionreferenceid":
            return (fold(about.reference) in condition.values) is condition.among
        case "resourcelocation":
            return _by_location(condition, about)
        case "resourcetype" if about.resource:
            return (about.resource.type in condition.values) is condition.among
        case "resourcewithoutlocation" if about.resource:
            return _without_location(condition, about.resource, about.location)
        case _:
            return None


def _by_location(condition: Selector, about: Selected) -> bool | None:
    if isinstance(about.location, str):
        return (about.location in condition.values) is condition.among
    # A subscription has no location. That `notIn` means it, too, is written nowhere.
    nowhere = about.resource is not None and about.resource.level is Level.SUBSCRIPTION
    return False if nowhere and condition.among else None


def _without_location(condition: Selector, resource: ResourceId, location: str | Unread) -> bool | None:
    """`subscriptionLevelResources`, the only value there is: what lies in no group and has no location."""
    if condition.values != (_NO_LOCATION,):
        return None
    if resource.resource_group is not None or (isinstance(location, str) and location):
        bare = False
    elif resource.level is Level.SUBSCRIPTION or location == "":
        bare = True
    else:
        return None
    return bare is condition.among


def _selector(selector: Mapping[str, object], what: str) -> Selector:
    kind = text_of(selector, "kind", f"{what}: a selector").lower()
    among, apart = value_of(selector, "in") is not None, value_of(selector, "notIn") is not None
    if among is apart:
        raise BadDocument(f"{what}: selector {kind} has {'both in and' if among else 'neither in nor'} notIn")
    values = texts_of(selector, "in" if among else "notIn", f"{what}: selector {kind}")
    folded = tuple(_place(value) if kind == "resourcelocation" else fold(value) for value in values)
    return Selector(kind, folded, among)


def _place(name: str) -> str:
    return name.lower().replace(" ", "")
