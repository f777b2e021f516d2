"""Values for tests of surveys: one policy's states in a group, and the rules that decide them."""

from dataclasses import replace

from responder.core.arrangement import Arranged, Placed
from responder.core.facts import Facts
from responder.core.place import Place
from responder.core.resource_id import resource_id
from responder.core.rules import read_rules
from responder.core.surveyed import Policy, Surveyed
from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, a_state
from tests.core.policies import surroundings
from tests.core.test_confirm import assigned, defined

RULES = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
rules:
  - name: glass
    match: {{resource: "**/break-glass*"}}
    action: ignore
  - name: watched
    match: {{resource: "**/watched*"}}
    action: observe
  - name: payroll
    match: {{resource: "**/payroll*"}}
    allowWide: true
    action: remediate
  - name: europe
    match: {{resource: "**/europe*"}}
    gather: {{by: resourceGroup, for: PT0S}}
    task: {{locations: [westeurope]}}
    action: remediate
  - name: unclear
    match: {{resource: "**/unclear*", tags: {{team: x}}}}
    gather: {{by: resourceGroup, for: PT0S}}
    action: remediate
  - name: vaults
    gather: {{by: resourceGroup, for: PT0S}}
    allowWide: true
    action: remediate
"""
POLICY = Policy(resource_id(ASSIGNMENT), resource_id(DEFINITION), "")


def a_surveyed(name: str, **changes: object) -> Surveyed:
    """A vault out of compliance; one that is unclear shows no tags."""
    told = replace(a_state(name), tags=None) if "unclear" in name else a_state(name)
    return Surveyed(POLICY, replace(told, **changes))  # type: ignore[arg-type]


def a_place(*states: Surveyed, elsewhere: frozenset[str | None] = frozenset()) -> Place:
    """A place whose policy is known and in order."""
    known = Facts.of_policy(assigned(), defined(), None)
    return Place(
        states, Facts.from_state(a_state(), known.assignment, known.definition, None, surroundings()), elsewhere
    )


def arranged(*names: str, rules: str = RULES) -> Arranged:
    """What becomes of vaults of these names in one group."""
    return a_place(*(a_surveyed(name) for name in names)).arranged(read_rules(rules))


def placed(what: Arranged, name: str) -> Placed:
    """What becomes of one of them."""
    return next(each for each in what.placed if each.judged.state.resource.name == name)
