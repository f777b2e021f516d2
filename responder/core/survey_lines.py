"""The keys of a survey's document: what `survey --json` promises, and what every other shape is made of."""

from typing import TypedDict


class OpeningLine(TypedDict):
    """What would be opened: tasks in all, the resources they are for, at how many scopes, and after approval.

    `asking` counts those of the resources whose tasks ask for approval first.
    """

    tasks: int
    resources: int
    scopes: int
    asking: int


class Totals(OpeningLine):
    """The whole estate. Each non-compliant state is one of: `resources`, `observed`, `inTheWay`, `leftAlone`."""

    nonCompliant: int
    unreadable: int
    observed: int
    inTheWay: int
    leftAlone: int


class RuleLine(OpeningLine):
    """One rule of the file, in its order; the last is `otherwise`."""

    rule: str
    action: str
    because: str
    during: str  # the window in which it opens tasks, in words; "" is always
    observed: int
    leftAlone: int


class AssignmentLine(OpeningLine):
    """One policy assignment."""

    assignment: str
    nonCompliant: int
    observed: int
    inTheWay: int
    leftAlone: int


class ShareLine(TypedDict):
    """Some resources, the sentence of the first, and a few of them."""

    resources: int
    because: str
    examples: list[str]


class OfAssignmentLine(ShareLine):
    """The same, of one assignment."""

    assignment: str


class ObstacleLine(TypedDict):
    """One reason that stands in the way, what mends it, and the assignments it concerns."""

    reason: str
    resources: int
    mend: str
    assignments: list[OfAssignmentLine]


class MissingRoleLine(TypedDict):
    """One role assignment that an assignment's identity lacks, and the resources whose deployments need it."""

    assignment: str
    scope: str
    principal: str
    role: str
    command: str
    resources: int


class LeftAloneLine(ShareLine):
    """What one rule, or the boundary (no rule), leaves alone."""

    reason: str
    rule: str


class SurpriseLine(TypedDict):
    """One resource that differs from its neighbours."""

    resource: str
    assignment: str
    reference: str
    fate: str
    rule: str
    because: str
    neighbours: int
    theirFate: str
    theirRule: str


class Surprises(TypedDict):
    """How many there are, and the first of them."""

    total: int
    shown: list[SurpriseLine]


class TaskLine(TypedDict):
    """One scope where tasks would be opened."""

    scope: str
    rule: str
    resources: int
    tasks: int


class SurveyDocument(TypedDict):
    """The whole report."""

    version: int
    mode: str
    scopes: list[str]
    totals: Totals
    rules: list[RuleLine]
    assignments: list[AssignmentLine]
    inTheWay: list[ObstacleLine]
    missingRoles: list[MissingRoleLine]
    leftAlone: list[LeftAloneLine]
    surprises: Surprises
    largestTasks: list[TaskLine]


class Modes(TypedDict):
    """The modes of two rules files."""

    old: str
    new: str


class ChangeTotals(TypedDict):
    """What changes, in resources."""

    nonCompliant: int
    unreadable: int
    newlyRemediated: int
    noLongerRemediated: int
    otherRule: int


class ChangeLine(ShareLine):
    """Resources whose rule changes; "" stands for no task."""

    oldRule: str
    newRule: str
    assignment: str


class ChangeDocument(TypedDict):
    """The whole comparison."""

    version: int
    scopes: list[str]
    mode: Modes
    totals: ChangeTotals
    newlyRemediated: list[ChangeLine]
    noLongerRemediated: list[ChangeLine]
    otherRule: list[ChangeLine]
