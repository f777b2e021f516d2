"""Azure Resource Manager ids: checked and folded once, at the door.

Ids become parts of URLs and of table keys, and Azure spells the same id in several cases, so a
`ResourceId` can only be built from a text that is a well-formed id, and it is lower case from then on.
Names with spaces, parentheses and letters outside ASCII are real and stay; `for_url` encodes them.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

from responder.core.folding import fold

LONGEST = 2048
_FORBIDDEN = re.compile(r"[?#%\\\x00-\x1f\x7f]")
_CONTROL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DOTTED = re.compile(r"/\s*\.{0,2}\s*(?:/|$)")
_MANAGEMENT_GROUPS = ("providers", "microsoft.management", "managementgroups")


class BadResourceId(ValueError):
    """A text that is no Azure Resource Manager id, and why."""


class Level(StrEnum):
    """What an id names."""

    TENANT = "tenant"
    MANAGEMENT_GROUP = "managementGroup"
    SUBSCRIPTION = "subscription"
    RESOURCE_GROUP = "resourceGroup"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class ResourceId:
    """One id, folded to lower case, starting with `/`. Build it with `resource_id`."""

    text: str
    segments: tuple[str, ...] = field(init=False, compare=False, repr=False)  # without the leading slash

    def __post_init__(self) -> None:
        object.__setattr__(self, "segments", tuple(self.text[1:].split("/")))

    def __str__(self) -> str:
        return self.text

    @property
    def name(self) -> str:
        """The last segment."""
        return self.segments[-1]

    @property
    def subscription(self) -> str | None:
        """The subscription's id, where the id lies in one."""
        return self.segments[1] if self.segments[0] == "subscriptions" else None

    @property
    def resource_group(self) -> str | None:
        """The resource group's name, where the id lies in one."""
        parts = self.segments
        return parts[3] if len(parts) > 3 and parts[0] == "subscriptions" and parts[2] == "resourcegroups" else None

    @property
    def level(self) -> Level:
        """What the id names; an assignment or definition counts as a resource."""
        parts = self.segments
        if parts[0] == "subscriptions":
            if len(parts) == 2:
                return Level.SUBSCRIPTION
            return Level.RESOURCE_GROUP if len(parts) == 4 and parts[2] == "resourcegroups" else Level.RESOURCE
        return Level.MANAGEMENT_GROUP if len(parts) == 4 and parts[:3] == _MANAGEMENT_GROUPS else Level.RESOURCE

    @property
    def group(self) -> "ResourceId":
        """Where its neighbours live: its resource group, or its subscription where it lies in no group."""
        return ResourceId("/" + "/".join(self.segments[: 4 if self.resource_group is not None else 2]))

    @property
    def type(self) -> str:
        """The resource type, such as `microsoft.sql/servers/databases`; groups and subscriptions have one too."""
        parts = self.segments
        if parts[0] == "subscriptions" and len(parts) <= 4:
            return "microsoft.resources/subscriptions" + ("/resourcegroups" if len(parts) == 4 else "")
        last = len(parts) - 1 - parts[::-1].index("providers")
        return "/".join((parts[last + 1], *parts[last + 2 :: 2]))

    def covers(self, other: "ResourceId") -> bool:
        """Whether `other` is this id or lies below it, segment by segment."""
        return self.segments == other.segments[: len(self.segments)]

    @property
    def for_url(self) -> str:
        """The id as a URL path without the leading slash, percent-encoded."""
        return quote(self.text[1:], safe="/()")


def resource_id(text: object) -> ResourceId:
    """Check and fold an id; raises `BadResourceId` saying what is wrong with it."""
    if not isinstance(text, str) or not text:
        raise BadResourceId("it is empty or not a text")
    if len(text) > LONGEST:
        raise BadResourceId(f"it has {len(text)} characters; Resource Manager takes at most {LONGEST}")
    if bad := _forbidden(text):
        raise BadResourceId(f"it contains {bad!a}, which no id may contain")
    return ResourceId(_well_formed(fold(text)))


def _forbidden(text: str) -> str | None:
    """The first character that no id may contain; most ids are plain ASCII and are searched in one go."""
    found = _FORBIDDEN.search(text)
    if found or text.isascii():
        return found[0] if found else None
    return next((character for character in text if unicodedata.category(character) in _CONTROL), None)


def _well_formed(folded: str) -> str:
    if not folded.startswith("/"):
        raise BadResourceId("it does not start with '/'")
    parts = folded[1:].split("/")
    if _DOTTED.search(folded):
        part = next(part for part in parts if part.strip() in ("", ".", ".."))
        raise BadResourceId(f"it has an empty or dotted segment ({part!a})")
    if not _is_arm_path(parts):
        raise BadResourceId(
            "it is not of the form /subscriptions/{id}[/resourceGroups/{name}][/providers/{type}/{name}…]"
        )
    return folded


def _is_arm_path(parts: list[str]) -> bool:
    at = 0
    if parts[0] == "subscriptions":
        at = 2
        if len(parts) > 2 and parts[2] == "resourcegroups":
            at = 4
        if len(parts) < at:
            return False
    elif parts[0] != "providers":
        return False
    while at < len(parts):
        at = _after_provider(parts, at)
    return at == len(parts)


def _after_provider(parts: list[str], at: int) -> int:
    """The index after `providers/{namespace}/{type}/{name}[/{type}/{name}…]`; beyond the end where it is not one."""
    beyond = len(parts) + 1
    if parts[at] != "providers" or len(parts) < at + 4:
        return beyond
    at += 2
    while at < len(parts) and parts[at] != "providers":
        at += 2
    return at
