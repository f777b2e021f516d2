"""The boundary: where anything may be remediated at all, whatever the rules say.

`within` and `except` name management groups, subscriptions, resource groups or resources. An entry covers itself
and everything below it, compared segment by segment, so that `rg-a` never covers `rg-ab`. Whether a resource
lies below a management group cannot be seen from its id; where that has not been read the answer is *not known*.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from responder.core.folding import fold
from responder.core.glob import BadGlob, Globs, globs
from responder.core.resource_id import BadResourceId, Level, ResourceId, resource_id
from responder.core.subject import Subject

Finding = tuple[bool | None, str]
"""Whether it holds (`None`: not known), and why, as the rest of a sentence."""


class BadScope(ValueError):
    """A text that names no scope, and why."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One entry. Build it with `scope`."""

    text: str  # as written
    segments: tuple[str, ...]  # folded
    wild: tuple[Globs, ...] | None  # where a segment has a wildcard
    group: Globs | None  # the name, where it is a management group
    _whole: str = field(init=False, compare=False, repr=False)
    _below: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_whole", "/" + "/".join(self.segments))
        object.__setattr__(self, "_below", self._whole + "/")

    def covers(self, subject: Subject) -> bool | None:
        """Whether the subject is this scope or lies below it."""
        if self.group is None:
            return self.covers_id(subject.resource)
        if any(self.group.match(name) for name in subject.management_groups):
            return True
        return None if subject.more_groups else False

    def covers_id(self, resource: ResourceId) -> bool:
        """The same for an id alone; a management group covers no id that can be told."""
        if self.wild is None:
            return resource.text.startswith(self._below) or resource.text == self._whole
        head = resource.segments[: len(self.segments)]
        return len(head) == len(self.wild) and all(glob.match(part) for glob, part in zip(self.wild, head, strict=True))

    def lies_in(self, place: ResourceId) -> bool:
        """Whether this entry names a part of the place, so that what it says does not hold for all of the place."""
        if self.group is not None or len(self.segments) <= len(place.segments):
            return False
        head = self.segments[: len(place.segments)]
        if self.wild is None:
            return head == place.segments
        return all(glob.match(part) for glob, part in zip(self.wild, place.segments, strict=False))


def scope(text: str) -> Scope:
    """Read one entry; `*` stands for any characters within a segment. Raises `BadScope`."""
    if "**" in text:
        raise BadScope(f"{text!r}: '**' has no place here; an entry covers everything below it anyway")
    try:
        named = resource_id(text.rstrip("/").replace("*", "x"))
        wild = tuple(globs([part]) for part in text.strip("/").split("/")) if "*" in text else None
    except (BadResourceId, BadGlob) as error:
        raise BadScope(f"{text!r} is no scope: {error}") from error
    level = named.level
    if level is not Level.MANAGEMENT_GROUP and named.subscription is None:
        raise BadScope(f"{text!r} lies in no subscription; name a management group, subscription, group or resource")
    segments = tuple(fold(text.strip("/")).split("/"))
    group = globs([segments[-1]]) if level is Level.MANAGEMENT_GROUP else None
    return Scope(text, segments, wild, group)


def boundary(within: Iterable[Scope] | None, excepted: Iterable[Scope], subject: Subject) -> Finding:
    """Whether the subject lies within the boundary. `within` is None where nothing bounds it (observe mode)."""
    inside = (
        (True, "no entry of 'except' covers it, and 'within' is not set")
        if within is None
        else _covered(within, subject)
    )
    if inside[0] is False:
        return False, "it lies below no entry of 'within'"
    outside = _covered(excepted, subject)
    if outside[0]:
        return False, f"it is {outside[1]} of 'except'"
    if outside[0] is None:
        return None, f"'except' names {outside[1]}"
    if inside[0] is None:
        return None, f"'within' names {inside[1]}"
    return True, f"it is {inside[1]} of 'within'" if within is not None else inside[1]


def _covered(scopes: Iterable[Scope], subject: Subject) -> Finding:
    unknown: Scope | None = None
    for entry in scopes:
        told = entry.covers(subject)
        if told:
            return True, f"covered by {entry.text}"
        if told is None and unknown is None:
            unknown = entry
    if unknown is None:
        return False, ""
    why = subject.more_groups.why if subject.more_groups else ""
    return None, f"{unknown.text}, and which management groups it lies in is not known ({why})"
