"""Decisions a second on one core, from the raw bytes of an event to the door's answer.

Machines are shared and noisy, so figures of one run are compared with each other: each number of rules with ten,
and all of them with what merely reading the JSON costs on the same machine in the same run.
"""

import gc
import json
import random
import time
from collections.abc import Callable, Sequence

from responder.core.admission import knock
from responder.core.facts import Assignment, Definition, assignment, definition
from responder.core.policy_state import PolicyStateChange, parse
from responder.core.rules import Rules, read_rules

EVENTS = 4000
ROUNDS = 5
TYPES = ("KeyVault/vaults", "Storage/storageAccounts", "Compute/virtualMachines", "Sql/servers", "Web/sites")
SUBSCRIPTIONS = [f"{number:08x}-1bf0-4dda-aec3-cb9272f09590" for number in range(20)]


def rules_of(count: int) -> Rules:
    """So many rules of every kind; the last ones match, so that all before them are tried."""
    kinds = (
        lambda n: f"{{assignment: '**/deploy-{n}-*', effect: deployIfNotExists}}",
        lambda n: f"{{resourceGroup: rg-team{n}-*}}",
        lambda n: f"{{resourceType: Microsoft.{TYPES[n % 5]}, subscription: {n:08x}-0000-0000-0000-000000000000}}",
        lambda n: f"{{resource: '/subscriptions/*/resourceGroups/*/providers/**/never-{n}'}}",
        lambda n: f"[{{resourceGroup: [rg-a{n}, rg-b{n}-*]}}, {{definition: '**/definition-{n}'}}]",
    )
    lines = [f"  - {{name: rule {n}, match: {kinds[n % len(kinds)](n)}, action: remediate}}" for n in range(count - 1)]
    lines.append("  - {name: the rest, match: {assignment: '**/assign-*'}, action: remediate}")
    within = ", ".join(f"/subscriptions/{each}" for each in SUBSCRIPTIONS)
    return read_rules("version: 1\nmode: enforce\nwithin: [" + within + "]\nrules:\n" + "\n".join(lines))


def events(count: int) -> list[bytes]:
    """Mixed events: both schemas, many policies and places, some of them nonsense."""
    chance = random.Random(20261120)
    return [json.dumps(_event(chance, number)).encode() for number in range(count)]


def _event(chance: random.Random, number: int) -> dict[str, object]:
    subscription = chance.choice(SUBSCRIPTIONS)
    kind = chance.choice(TYPES)
    group = f"/subscriptions/{subscription}/resourcegroups/Rg-{chance.randrange(300)}"
    subject = f"{group}/providers/microsoft.{kind}/Thing-{number}"
    assigned = f"/subscriptions/{subscription}/providers/microsoft.authorization/policyassignments"
    policy = chance.randrange(40)
    data = {
        "timestamp": f"2026-11-20T08:{chance.randrange(60):02d}:42.{chance.randrange(10**7):07d}Z",
        "policyAssignmentId": f"{assigned}/assign-{policy}",
        "policyDefinitionId": f"/providers/microsoft.authorization/policydefinitions/definition-of-{policy}",
        "policyDefinitionReferenceId": "",
        "complianceState": "NonCompliant" if chance.random() < 0.7 else "Compliant",
        "subscriptionId": subscription,
        "complianceReasonCode": "",
    }
    if chance.random() < 0.05:
        subject += "/.."
    body = {"id": f"{chance.getrandbits(256):064X}", "subject": subject, "data": data}
    if chance.random() < 0.5:
        kinds = {"source": f"/subscriptions/{subscription}", "type": "Microsoft.PolicyInsights.PolicyStateChanged"}
        return {**body, **kinds, "time": "2026-11-20T08:59:42.5241536Z", "specversion": "1.0"}
    kinds = {"topic": f"/subscriptions/{subscription}", "eventType": "Microsoft.PolicyInsights.PolicyStateChanged"}
    return {**body, **kinds, "eventTime": "2026-11-20T08:59:42.5241536Z", "dataVersion": "1", "metadataVersion": "1"}


class Remembered:
    """The facts that a running app remembers of each policy."""

    def __init__(self) -> None:
        self._assignments: dict[str, Assignment] = {}
        rule = {"if": {"field": "type", "like": "Microsoft.*"}, "then": {"effect": "DeployIfNotExists"}}
        self._definition: Definition = definition(
            {"id": "/providers/Microsoft.Authorization/policyDefinitions/d", "properties": {"policyRule": rule}}
        )

    def of(self, change: PolicyStateChange) -> tuple[Assignment, Definition]:
        """The assignment and the definition of one event."""
        named = change.assignment.text
        known = self._assignments.get(named)
        if known is None:
            properties = {"policyDefinitionId": change.definition.text, "scope": named.split("/providers")[0]}
            known = assignment({"id": named, "identity": {"type": "SystemAssigned"}, "properties": properties})
            self._assignments[named] = known
        return known, self._definition


def decide_one(raw: bytes, rules: Rules, remembered: Remembered) -> str:
    """From the bytes to the answer, as the door does it."""
    change = parse(json.loads(raw))
    if not isinstance(change, PolicyStateChange):
        return "rejected"
    assigned, defined = remembered.of(change)
    return knock(change, rules, assigned, defined, None).answered("", stale=False).decision


def seconds_each(work: Callable[[bytes], object], raws: Sequence[bytes]) -> list[float]:
    """The best of some rounds for each event: the machine's noise only ever adds."""
    best = [float("inf")] * len(raws)
    gc.disable()
    for _ in range(ROUNDS):
        for place, raw in enumerate(raws):
            begun = time.perf_counter()
            work(raw)
            best[place] = min(best[place], time.perf_counter() - begun)
    gc.enable()
    return sorted(best)


def main() -> None:
    """Print the table."""
    raws = events(EVENTS)
    reading = seconds_each(json.loads, raws)
    print(f"{EVENTS} mixed events, one core, best of {ROUNDS} rounds; reading the JSON alone is 1.0")
    print(f"{'rules':>6} {'decisions/s':>12} {'p50 ms':>8} {'p99 ms':>8} {'x reading':>10} {'of 10 rules':>12}")
    first = 0.0
    for count in (10, 100, 1000):
        rules, remembered = rules_of(count), Remembered()
        took = seconds_each(lambda raw, r=rules, m=remembered: decide_one(raw, r, m), raws)  # type: ignore[misc]
        rate = len(took) / sum(took)
        first = first or rate
        p50, p99 = (1000 * took[int(len(took) * part)] for part in (0.5, 0.99))
        cost = sum(took) / sum(reading)
        print(f"{count:>6} {rate:>12,.0f} {p50:>8.3f} {p99:>8.3f} {cost:>10.1f} {rate / first:>12.2f}")


if __name__ == "__main__":
    main()
