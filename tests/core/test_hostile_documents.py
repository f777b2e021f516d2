"""Whatever stands in a document of Azure Policy: it is read, or it is a `BadDocument`, and a decision can be made."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any, TypeVar

import pytest

from responder.core.decision import judge
from responder.core.exemption import exemption
from responder.core.facts import BadDocument, Facts, Unread, assignment, definition, initiative
from responder.core.observed_state import ObservedState
from responder.core.resource_id import BadResourceId
from responder.core.role import role, role_assignment
from responder.core.rules import read_rules
from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, a_change, a_state
from tests.scenarios.estates import THE_ASSIGNMENT, THE_DEFINITION

_T = TypeVar("_T")
_INITIATIVE = "/providers/microsoft.authorization/policysetdefinitions/logging"
_GUID = "b24988ac-6180-42a0-ab88-20f7382dd24c"
_SELECTOR = {"name": "a", "selectors": [{"kind": "resourceLocation", "in": ["westeurope"]}]}
_OVERRIDE = {"kind": "policyEffect", "value": "Disabled", "selectors": [{"kind": "resourceType", "notIn": ["a/b"]}]}
_HOSTILE: tuple[object, ...] = (
    *(None, True, 5, 1e308, "", "x", "\x1b[2J", "\ud800", "[parameters('x')]", "[parameters('effect')]", "P" * 5000),
    *(
        [],
        {},
        [None],
        [5],
        {"a": None},
        {"value": {"a": [1]}},
        "/subscriptions/x",
        ["/a"],
        [{}],
        [{"kind": 5}],
        "../..",
    ),
)


def _document(base: Mapping[str, Any], **properties: object) -> dict[str, Any]:
    document: dict[str, Any] = deepcopy(dict(base))
    document.setdefault("properties", {}).update(properties)
    return document


_THE_DEFINITION = _document(
    THE_DEFINITION,
    version="1.0.0",
    parameters={"effect": {"type": "String", "defaultValue": "Modify", "allowedValues": ["Modify", "Disabled"]}},
    policyRule={
        "if": {"allOf": [{"field": "type", "equals": "Microsoft.KeyVault/vaults"}, {"anyOf": [{"not": {}}]}]},
        "then": {
            "effect": "[parameters('effect')]",
            "details": {
                "roleDefinitionIds": [f"/providers/microsoft.authorization/roledefinitions/{_GUID}"],
                "evaluationDelay": "AfterProvisioning",
                "deploymentScope": "subscription",
                "resourceGroupName": "[parameters('group')]",
            },
        },
    },
)
_THE_ASSIGNMENT = _document(
    THE_ASSIGNMENT,
    notScopes=[f"{SUBSCRIPTION}/resourceGroups/rg-b"],
    parameters={"effect": {"value": "Modify"}},
    overrides=[_OVERRIDE],
    resourceSelectors=[_SELECTOR],
    displayName="x",
    definitionVersion="1.*.*",
)
_THE_INITIATIVE = {
    "id": _INITIATIVE,
    "properties": {
        "parameters": {"effect": {"defaultValue": "Modify"}},
        "policyDefinitions": [
            {
                "policyDefinitionId": DEFINITION,
                "policyDefinitionReferenceId": "r",
                "parameters": {"effect": {"value": "[parameters('effect')]"}},
                "definitionVersion": "1.*",
            }
        ],
    },
}
_THE_EXEMPTION = {
    "id": f"{SUBSCRIPTION}/providers/microsoft.authorization/policyexemptions/e",
    "properties": {
        "policyAssignmentId": ASSIGNMENT,
        "policyDefinitionReferenceIds": ["r"],
        "exemptionCategory": "Waiver",
        "expiresOn": "2027-01-01T00:00:00Z",
        "resourceSelectors": [_SELECTOR],
    },
}
_THE_ROLE = {
    "id": f"/providers/microsoft.authorization/roledefinitions/{_GUID}",
    "name": _GUID,
    "properties": {"roleName": "x", "permissions": [{"actions": ["*"], "notActions": ["a/*"]}]},
}
_HELD = {
    "id": f"{SUBSCRIPTION}/providers/microsoft.authorization/roleassignments/{_GUID}",
    "properties": {"roleDefinitionId": _THE_ROLE["id"], "scope": SUBSCRIPTION, "condition": None},
}
_READERS: dict[str, tuple[Mapping[str, Any], Callable[[Mapping[str, object]], object]]] = {
    "assignment": (_THE_ASSIGNMENT, assignment),
    "definition": (_THE_DEFINITION, definition),
    "initiative": (_THE_INITIATIVE, initiative),
    "exemption": (_THE_EXEMPTION, exemption),
    "role": (_THE_ROLE, role),
    "role assignment": (_HELD, role_assignment),
}
_RULES = read_rules("version: 1\nmode: observe\nrules: [{name: all, action: remediate}]\n")


def _spoilt(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The document with every single place of it replaced by every hostile value, and with each left out."""
    for place in _places(document):
        for value in _HOSTILE:
            spoilt = deepcopy(dict(document))
            _at(spoilt, place[:-1])[place[-1]] = deepcopy(value)
            yield spoilt
        spoilt = deepcopy(dict(document))
        del _at(spoilt, place[:-1])[place[-1]]
        yield spoilt


def _places(value: object, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield (*before, name)
        yield from _places(each, (*before, name))


def _at(document: Any, place: tuple[Any, ...]) -> Any:
    for name in place:
        document = document[name]
    return document


@pytest.mark.parametrize("kind", _READERS)
def test_a_document_that_is_odd_anywhere_is_read_or_is_a_bad_document(kind: str) -> None:
    document, reader = _READERS[kind]

    reader(document)
    for spoilt in _spoilt(document):
        try:
            reader(spoilt)
        except (BadDocument, BadResourceId):
            continue


@pytest.mark.parametrize("reference", ["", "r"])
@pytest.mark.parametrize("effect", ["deployifnotexists", "\x1b[2J\ud800", None])
def test_whatever_was_read_a_decision_can_be_made_and_its_words_are_legible(reference: str, effect: str | None) -> None:
    change, state = a_change(reference=reference), a_state(effect=effect, location=effect)

    for facts in _known(state, reference):
        decision = judge(change, facts, _RULES)
        words = (decision.because, *(check.because for check in decision.checks))
        assert [word for word in words if not word.isprintable() or len(word) > 1000] == []


def _known(state: ObservedState, reference: str) -> Iterator[Facts]:
    """What is known where one of the three documents is odd."""
    good = (assignment(_THE_ASSIGNMENT), definition(_THE_DEFINITION), initiative(_THE_INITIATIVE))
    for spoilt in _spoilt(_THE_ASSIGNMENT):
        yield Facts.from_state(state, _read(assignment, spoilt), good[1], good[2] if reference else None)
    for spoilt in _spoilt(_THE_DEFINITION):
        yield Facts.from_state(state, good[0], _read(definition, spoilt), good[2] if reference else None)
    for spoilt in _spoilt(_THE_INITIATIVE):
        yield Facts.from_state(state, good[0], good[1], _read(initiative, spoilt) if reference else None)


def _read(reader: Callable[[Mapping[str, object]], _T], document: Mapping[str, object]) -> _T | Unread:
    try:
        return reader(document)
    except (BadDocument, BadResourceId) as error:
        return Unread(f"it cannot be understood: {error}")
