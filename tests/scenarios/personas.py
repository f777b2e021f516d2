"""What may be done to which resource: the rules of the estate, and a second, plain statement of what they ask for.

A resource's name says who it is. The table below says what the rules want of it, in words that owe nothing to the
code that reads rules.
"""

from dataclasses import dataclass

from responder.core.rules import Rules, read_rules
from tests.core.builders import SUBSCRIPTION, vault

GROUPS = (f"{SUBSCRIPTION}/resourcegroups/rg-a", f"{SUBSCRIPTION}/resourcegroups/rg-b")
WEST, NORTH = "westeurope", "northeurope"

TEXT = f"""
version: 1
mode: enforce
limits: {{running: 2, resourcesPerHour: 8}}
breaker: {{badRounds: 1000}}
within: ["{SUBSCRIPTION}"]
defaults:
  gather: {{for: PT30S, atMost: PT2M}}
  grace: none
  poll: {{first: PT30S, most: PT10M}}
  verify: {{after: PT5M, atMost: PT1H}}
  cooldown: PT1H
  retry: {{attempts: 3, wait: PT15M, factor: 2}}
windows:
  afternoon: {{days: [Mon, Tue, Wed, Thu, Fri, Sat, Sun], from: "14:00", to: "15:00", timeZone: UTC}}
rules:
  - name: asked
    match: {{resource: "**/vaults/asked*"}}
    action: ask
    askFor: P2D
  - name: in the afternoon
    match: {{resource: "**/vaults/afternoon*"}}
    during: afternoon
    action: remediate
  - name: kept by its tag
    match: {{resource: ["**/vaults/together*", "**/vaults/kept*"], tags: {{keep: "yes"}}}}
    gather: {{by: resourceGroup}}
    action: ignore
  - name: kept by its name
    match: {{resource: "**/vaults/named*"}}
    action: ignore
  - name: only watched
    match: {{resource: "**/vaults/watched*"}}
    gather: {{by: resourceGroup}}
    action: observe
  - name: moved by its tag
    match: {{resource: "**/vaults/joining*", tags: {{keep: "yes"}}}}
    action: ignore
  - name: together
    match: {{resource: ["**/vaults/together*", "**/vaults/joining*", "**/vaults/far*"]}}
    gather: {{by: resourceGroup}}
    task: {{resourceCount: 2, locations: [{WEST}]}}
    action: remediate
  - name: apart
    match: {{resource: "**/vaults/apart*"}}
    action: remediate
"""
RULES: Rules = read_rules(TEXT)


@dataclass(frozen=True, slots=True)
class Persona:
    """One kind of resource: the rule that remediates it, or "" where none may, and what Azure shows of it."""

    name: str
    rule: str
    kept: bool = False
    location: str = WEST


PERSONAS = (
    Persona("together", "together"),
    Persona("apart", "apart"),
    Persona("kept", "", kept=True),  # not known at the door: a tag forbids it
    Persona("joining", "together"),  # first a case of its own, then of its group
    Persona("named", ""),
    Persona("watched", ""),
    Persona("far", "", location=NORTH),  # out of reach of the task's locations
    Persona("asked", "asked"),
    Persona("afternoon", "in the afternoon"),
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the estate."""

    persona: Persona
    number: int
    group: str

    @property
    def id(self) -> str:
        """Its id, folded."""
        return vault(f"{self.persona.name}-{self.number}", self.group)
