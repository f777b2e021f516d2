"""Whether the definition that was read is the version that is assigned.

An assignment or an initiative may pin a version (`1.*.*`), and a definition read by its id is always the latest
(https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure#policy-definition-id-and-version).
A pinned older version is no reason to hold back: Azure reports the effect that it applies, and a task runs the
version that is assigned. But what only the text of the definition tells, which types it can match, is then not
believed (`too-wide`).
"""

from responder.core.assignment import Assignment
from responder.core.definition import Definition, Initiative
from responder.core.facts import Facts


def pinned_version(facts: Facts, reference: str) -> str:
    """The version of the definition that is assigned, such as `1.*.*`; "" where none is pinned or known."""
    if isinstance(facts.initiative, Initiative):
        entry = facts.initiative.reference(reference)
        return entry.definition_version if entry else ""
    return facts.assignment.definition_version if isinstance(facts.assignment, Assignment) else ""


def another_version(facts: Facts, reference: str) -> str:
    """Why the definition that was read is not the assigned one; "" where nothing says so."""
    pinned, defined = pinned_version(facts, reference), facts.definition
    if not pinned or not isinstance(defined, Definition) or not defined.version or _matches(pinned, defined.version):
        return ""
    return f"version {pinned} is assigned, and {defined.version} is what could be read"


def _matches(pinned: str, version: str) -> bool:
    """`1.*.*` stands for every version 1, `-preview` or not: the parts before the first `*` must be the same."""
    wanted = pinned.partition("-")[0].partition("*")[0].rstrip(".").split(".")
    return not wanted[0] or wanted == version.partition("-")[0].split(".")[: len(wanted)]
