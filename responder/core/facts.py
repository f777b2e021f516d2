"""What is known about an event's resource and policy, and what is not.

The event carries neither effect nor location, tags or management groups. Each fact is therefore a value, or
`Unread` with the reason why it is not known, or `Missing` where it is known not to exist; nothing that is unread
is ever taken for a no or a yes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from responder.core.assignment import Assignment, Override, assignment
from responder.core.definition import Definition, Initiative, InitiativeReference, definition, initiative
from responder.core.documents import BadDocument, objects_of
from responder.core.exemption import Exemption, exemptions
from responder.core.folding import fold
from responder.core.observed_state import ObservedState
from responder.core.rights import Rights
from responder.core.role import role, role_assignment
from responder.core.selector import ResourceSelector, Selector
from responder.core.unread import Missing, Unread

__all__ = [
    "Assignment",
    "BadDocument",
    "Definition",
    "Facts",
    "Initiative",
    "InitiativeReference",
    "Missing",
    "Override",
    "ResourceSelector",
    "Selector",
    "Surroundings",
    "Unread",
    "assignment",
    "definition",
    "from_document",
    "initiative",
    "place",
]

_T = TypeVar("_T")


_NOT_ASKED = Unread("it has not been read yet")
_NOT_TOLD = Unread("Azure Policy did not tell it")
_NOT_GIVEN = Unread("the facts file does not give it")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around a place for an assignment: who is exempt, and what its identity may do there."""

    exemptions: tuple[Exemption, ...] | Unread = _NOT_ASKED
    rights: Rights | Unread = _NOT_ASKED
    as_of: datetime | None = None  # exemptions expire; None: no time was given to judge that by


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision may depend on besides the event. Names are folded; tag values are as they are."""

    effect: str | Unread
    location: str | Unread
    tags: Mapping[str, str] | Unread
    management_groups: tuple[str, ...] | Unread
    assignment: Assignment | Missing | Unread
    definition: Definition | Missing | Unread
    initiative: Initiative | Missing | Unread | None  # None: a single policy is assigned
    around: Surroundings = Surroundings()

    @staticmethod
    def unknown() -> "Facts":
        """Nothing has been read."""
        return _UNKNOWN

    @staticmethod
    def of_policy(
        assignment: Assignment | Missing | Unread,
        definition: Definition | Missing | Unread,
        initiative: Initiative | Missing | Unread | None,
    ) -> "Facts":
        """What is known at the door: the policy, and nothing about the resource."""
        return Facts(_NOT_ASKED, _NOT_ASKED, _NOT_ASKED, _NOT_ASKED, assignment, definition, initiative)

    @staticmethod
    def from_state(
        state: ObservedState,
        assignment: Assignment | Missing | Unread,
        definition: Definition | Missing | Unread,
        initiative: Initiative | Missing | Unread | None,
        around: Surroundings = Surroundings(),
    ) -> "Facts":
        """What a policy state tells, and what was read about its policy and around the place."""
        return Facts(
            effect=state.effect or _NOT_TOLD,
            location=place(state.location) if state.location is not None else _NOT_TOLD,
            tags=state.tags if state.tags is not None else _NOT_TOLD,
            management_groups=state.management_groups if state.management_groups is not None else _NOT_TOLD,
            assignment=assignment,
            definition=definition,
            initiative=initiative,
            around=around,
        )


_UNKNOWN = Facts.of_policy(_NOT_ASKED, _NOT_ASKED, _NOT_ASKED)


def place(location: str) -> str:
    """A location's short name: `West Europe` and `westeurope` are the same place."""
    return location.lower().replace(" ", "")


_KEYS = frozenset(
    {"effect", "location", "tags", "managementGroups", "assignment", "definition", "initiative"}
    | {"exemptions", "roleAssignments", "roleDefinitions"}
)


def from_document(document: object) -> Facts:
    """Read a facts file: any of the keys below; raises `BadDocument`. What is absent is `Unread`.

    `assignment`, `definition` and `initiative` are as Resource Manager returns them, and so are the entries of the
    lists `exemptions`, `roleAssignments` (those of the assignment's identity) and `roleDefinitions`. A file that
    names no exemptions says that there are none.
    """
    if not isinstance(document, Mapping):
        raise BadDocument(f"facts are an object, not a {type(document).__name__}")
    if unknown := sorted(str(key) for key in document if key not in _KEYS):
        raise BadDocument(f"unknown facts: {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}")
    assigned = _read(document, "assignment", assignment)
    group: Initiative | Unread | None = _read(document, "initiative", initiative)
    if isinstance(group, Unread) and isinstance(assigned, Assignment) and not assigned.assigns_initiative:
        group = None
    return Facts(
        effect=_text(document, "effect", str.lower),
        location=_text(document, "location", place),
        tags=_tags(document.get("tags")),
        management_groups=_names(document.get("managementGroups")),
        assignment=assigned,
        definition=_read(document, "definition", definition),
        initiative=group,
        around=Surroundings(exemptions(objects_of(document, "exemptions", "the facts")), _rights(document)),
    )


def _rights(document: Mapping[str, object]) -> Rights | Unread:
    if document.get("roleAssignments") is None:
        return _NOT_GIVEN
    held = tuple(role_assignment(each) for each in objects_of(document, "roleAssignments", "the facts"))
    roles = [role(each) for each in objects_of(document, "roleDefinitions", "the facts")]
    return Rights(held, {each.guid: each for each in roles})


def _read(document: Mapping[str, object], key: str, reader: Callable[[Mapping[str, object]], _T]) -> _T | Unread:
    value = document.get(key)
    if value is None:
        return _NOT_GIVEN
    if not isinstance(value, Mapping):
        raise BadDocument(f"{key} is a {type(value).__name__}; give the object that Resource Manager returns")
    return reader(value)


def _text(document: Mapping[str, object], key: str, fold: Callable[[str], str]) -> str | Unread:
    value = document.get(key)
    if value is None:
        return _NOT_GIVEN
    if not isinstance(value, str) or not value:
        raise BadDocument(f"{key} is {value!r}; give a text")
    return fold(value)


def _tags(value: object) -> Mapping[str, str] | Unread:
    if value is None:
        return _NOT_GIVEN
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise BadDocument('tags are an object of texts, such as {"env": "prod"}; {} says that there are none')
    return {fold(str(name)): str(text) for name, text in value.items()}


def _names(value: object) -> tuple[str, ...] | Unread:
    if value is None:
        return _NOT_GIVEN
    if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
        raise BadDocument('managementGroups is a list of names, nearest first, such as ["alz-corp", "alz"]')
    return tuple(fold(name.rpartition("/")[2]) for name in value)
