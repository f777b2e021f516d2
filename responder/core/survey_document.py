"""A survey as a document. Everything is ordered, so that two surveys of the same states and rules are the same text."""

from dataclasses import dataclass

from responder.core.arrangement import Fate, PlannedTask
from responder.core.rules import Rule, Rules
from responder.core.survey import Opening, Share, Surprise, Survey, largest
from responder.core.survey_lines import (
    AssignmentLine,
    LeftAloneLine,
    MissingRoleLine,
    ObstacleLine,
    OpeningLine,
    RuleLine,
    ShareLine,
    SurpriseLine,
    SurveyDocument,
    TaskLine,
    Totals,
)
from responder.core.survey_mend import mend

VERSION = 1


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: where, and how many rows could not be understood."""

    scopes: tuple[str, ...]
    unreadable: int


def survey_document(survey: Survey, rules: Rules, read: Read) -> SurveyDocument:
    """The whole report. A rule that decides nothing is listed as well: that is news to whoever wrote it."""
    busiest = sorted(survey.by_assignment.items(), key=lambda each: (-each[1].opening.resources, each[0]))
    return {
        "version": VERSION,
        "mode": rules.mode,
        "scopes": list(read.scopes),
        "totals": _totals(survey, read),
        "rules": [_rule(rule, survey) for rule in (*rules.rules, rules.otherwise)],
        "assignments": [_assignment(name, survey) for name, _told in busiest],
        "inTheWay": _obstacles(survey),
        "missingRoles": _missing_roles(survey),
        "leftAlone": _left_alone(survey),
        "surprises": {"total": survey.surprising, "shown": [_surprise(each) for each in survey.surprises]},
        "largestTasks": [_task(task) for task in largest(survey.largest)],
    }


def share_line(share: Share) -> ShareLine:
    """Some resources."""
    return {"resources": share.resources, "because": share.because, "examples": list(share.examples)}


def _opening(opening: Opening) -> OpeningLine:
    return {
        "tasks": opening.tasks,
        "resources": opening.resources,
        "scopes": opening.scopes,
        "asking": opening.asking,
    }


def _totals(survey: Survey, read: Read) -> Totals:
    return {
        "nonCompliant": survey.states,
        "unreadable": read.unreadable,
        **_opening(survey.opening),
        "observed": survey.fates[Fate.OBSERVED],
        "inTheWay": survey.fates[Fate.IN_THE_WAY],
        "leftAlone": survey.fates[Fate.LEFT_ALONE],
    }


def _rule(rule: Rule, survey: Survey) -> RuleLine:
    return {
        "rule": rule.name,
        "action": rule.action,
        "because": rule.because,
        "during": str(rule.settings.during or ""),
        **_opening(survey.by_rule.get(rule.name, Opening())),
        "observed": survey.observed.get(rule.name, Share()).resources,
        "leftAlone": sum(share.resources for (_why, name), share in survey.left_alone.items() if name == rule.name),
    }


def _assignment(name: str, survey: Survey) -> AssignmentLine:
    told = survey.by_assignment[name]
    return {
        "assignment": name,
        "nonCompliant": told.fates.total(),
        **_opening(told.opening),
        "observed": told.fates[Fate.OBSERVED],
        "inTheWay": told.fates[Fate.IN_THE_WAY],
        "leftAlone": told.fates[Fate.LEFT_ALONE],
    }


def _obstacles(survey: Survey) -> list[ObstacleLine]:
    """By reason, most resources first."""
    shares: dict[str, list[tuple[str, Share]]] = {}
    for (reason, assignment), share in survey.in_the_way.items():
        shares.setdefault(reason, []).append((assignment, share))
    lines = [_obstacle(reason, each) for reason, each in shares.items()]
    return sorted(lines, key=lambda line: (-line["resources"], line["reason"]))


def _obstacle(reason: str, shares: list[tuple[str, Share]]) -> ObstacleLine:
    ordered = sorted(shares, key=lambda each: (-each[1].resources, each[0], each[1].because))
    return {
        "reason": reason,
        "resources": sum(share.resources for _name, share in shares),
        "mend": mend(reason),
        "assignments": [{"assignment": name, **share_line(share)} for name, share in ordered],
    }


def _missing_roles(survey: Survey) -> list[MissingRoleLine]:
    """Each role assignment that would mend something, whether its lack holds tasks back or only lets them fail."""
    ordered = sorted(survey.missing.items(), key=lambda each: (-each[1], each[0][0], each[0][1].command))
    return [
        {
            "assignment": assignment,
            "scope": role.scope,
            "principal": role.principal,
            "role": role.role,
            "command": role.command,
            "resources": resources,
        }
        for (assignment, role), resources in ordered
    ]


def _left_alone(survey: Survey) -> list[LeftAloneLine]:
    ordered = sorted(survey.left_alone.items(), key=lambda each: (-each[1].resources, each[0]))
    return [{"reason": reason, "rule": rule, **share_line(share)} for (reason, rule), share in ordered]


def _surprise(each: Surprise) -> SurpriseLine:
    return {
        "resource": each.resource,
        "assignment": each.assignment,
        "reference": each.reference,
        "fate": each.fate.value,
        "rule": each.rule,
        "because": each.because,
        "neighbours": each.neighbours,
        "theirFate": each.their_fate.value,
        "theirRule": each.their_rule,
    }


def _task(task: PlannedTask) -> TaskLine:
    return {"scope": task.scope, "rule": task.rule, "resources": task.resources, "tasks": task.rounds}
