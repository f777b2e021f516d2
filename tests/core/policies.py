"""Policies, facts and rules for tests: say only what the test is about."""

import json
from dataclasses import replace
from pathlib import Path
from textwrap import dedent, indent

from responder.core.exemption import Exemption
from responder.core.facts import Assignment, Definition, Facts, Initiative, InitiativeReference, Override, Surroundings
from responder.core.resource_id import resource_id
from responder.core.rights import Rights
from responder.core.rules import Rules, read_rules
from tests.core.builders import ASSIGNMENT, DEFINITION, START, SUBSCRIPTION

DATA = Path(__file__).parent.parent / "data"
ALZ = "/providers/Microsoft.Management/managementGroups/alz"
SET = "/providers/microsoft.authorization/policysetdefinitions/guardrails"
_HEAD = f"""\
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
rules:
"""
REMEDIATE_ALL = "- {name: all, action: remediate}"


def a_document(path: str) -> dict[str, object]:
    """A real document of tests/data."""
    document = json.loads((DATA / path).read_text(encoding="utf-8-sig"))
    assert isinstance(document, dict)
    return document


def an_assignment(**changes: object) -> Assignment:
    """A policy assignment that can remediate."""
    whole = Assignment(resource_id(ASSIGNMENT), SUBSCRIPTION, DEFINITION, "systemassigned")
    return replace(whole, **changes)  # type: ignore[arg-type]


def a_definition(**changes: object) -> Definition:
    """A definition whose effect is a parameter."""
    whole = Definition(resource_id(DEFINITION), "[parameters('effect')]", parameters={"effect": "DeployIfNotExists"})
    return replace(whole, **changes)  # type: ignore[arg-type]


def an_initiative(*references: InitiativeReference, **changes: object) -> Initiative:
    """An initiative of some policies."""
    whole = Initiative(resource_id(SET), references=references)
    return replace(whole, **changes)  # type: ignore[arg-type]


def an_override(value: str, *selectors: object) -> Override:
    """An override of the effect."""
    return Override("policyeffect", value, selectors)  # type: ignore[arg-type]


def surroundings(**changes: object) -> Surroundings:
    """Nothing is exempt, and the identity needs no role."""
    return replace(Surroundings(exemptions=(), rights=Rights(()), as_of=START), **changes)  # type: ignore[arg-type]


def an_exemption(scope: str, **changes: object) -> Exemption:
    """A waiver for the test's assignment, without end."""
    named = resource_id(f"{scope}/providers/Microsoft.Authorization/policyExemptions/left-alone")
    return replace(Exemption(named, scope.lower(), ASSIGNMENT), **changes)  # type: ignore[arg-type]


def all_facts(**changes: object) -> Facts:
    """Everything is known, and nothing stands in the way."""
    whole = Facts(
        effect="deployifnotexists",
        location="westeurope",
        tags={"env": "Prod"},
        management_groups=("alz-corp", "alz"),
        assignment=an_assignment(),
        definition=a_definition(),
        initiative=None,
        around=surroundings(),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def rules_of(rules: str = REMEDIATE_ALL, head: str = _HEAD) -> Rules:
    """Rules that may act in the test's subscription."""
    return read_rules(head + indent(dedent(rules).strip("\n"), "  "))


def observing(text: str) -> Rules:
    """Rules from a whole file's text but for its version."""
    return read_rules("version: 1\n" + dedent(text))
