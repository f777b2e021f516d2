"""The doctor on rules: what `validate` says, whether anything may be opened, and where."""

import shlex
from collections.abc import Callable, Collection, Iterator

from responder.core.block import Block, TextCondition
from responder.core.boundary_scopes import scopes_to_read, unreadable_entries
from responder.core.doctor import AppPlace, Check, Finding, Section, Verdict
from responder.core.glob import Globs
from responder.core.resource_id import ResourceId
from responder.core.rules import Rule, Rules
from responder.core.rules_problem import Problem
from responder.core.rules_review import Review


def of_rules(reviewed: Review, file: str, told_mode: str | None, place: AppPlace) -> Iterator[Finding]:
    """Everything about one rules file; `told_mode` is RESPONDER_MODE."""
    validate = f"python -m responder validate {shlex.quote(file)}"
    for problem in reviewed.problems:
        yield Finding(Section.RULES, Check.RULES, Verdict.WRONG, _at(file, problem), validate)
    for warning in reviewed.warnings:
        yield Finding(Section.RULES, Check.RULES, Verdict.WARNING, _at(file, warning), validate)
    if reviewed.rules is None:
        return
    if not reviewed.warnings:
        many = len(reviewed.rules.rules)
        because = f"{file} has {many} rule{'' if many == 1 else 's'} and no problem."
        yield Finding(Section.RULES, Check.RULES, Verdict.OK, because)
    yield _mode(reviewed.rules, file, told_mode, place)
    yield _boundary(reviewed.rules, file)


def _at(file: str, problem: Problem) -> str:
    where = f"{file}:{max(problem.line, 1)}:{max(problem.column, 1)}"
    return f"{where}: {problem.path}: {problem.message}." if problem.path else f"{where}: {problem.message}."


def _mode(rules: Rules, file: str, told_mode: str | None, place: AppPlace) -> Finding:
    if told_mode == "observe":
        because = "RESPONDER_MODE is observe: every plan is recorded, and nothing is opened."
        return Finding(Section.RULES, Check.MODE, Verdict.WARNING, because, place.unset("RESPONDER_MODE"))
    if rules.mode == "observe":
        because = f"The mode of {file} is observe: every plan is recorded, and nothing is opened."
        return Finding(Section.RULES, Check.MODE, Verdict.WARNING, because, _survey(rules, file))
    return Finding(Section.RULES, Check.MODE, Verdict.OK, "The mode is enforce: tasks are opened.")


def _survey(rules: Rules, file: str) -> str:
    scope = "" if rules.within else " --scope /subscriptions/SUBSCRIPTION"
    return f"python -m responder survey --rules {shlex.quote(file)}{scope}"


def _boundary(rules: Rules, file: str) -> Finding:
    scopes, hidden = scopes_to_read(rules.within), unreadable_entries(rules.within)
    if not rules.within:
        because = f"{file} has no 'within': the whole tenant is meant, and there is no scope at which to look."
        return Finding(Section.RULES, Check.BOUNDARY, Verdict.WARNING, because, _survey(rules, file))
    if hidden:
        because = f"'within' names {', '.join(hidden)}, which no query of Azure can name: it is not looked at here."
        return Finding(Section.RULES, Check.BOUNDARY, Verdict.WARNING, because, f"python -m responder validate {file}")
    return Finding(Section.RULES, Check.BOUNDARY, Verdict.OK, f"'within' is {', '.join(scopes)}.")


def of_assignments(rules: Rules, assigned: Collection[str], scopes: Collection[ResourceId]) -> Iterator[Finding]:
    """Rules that name assignments of which none is assigned. `assigned`: folded ids of all that concern the scopes."""
    dead = [
        (rule, named) for rule in rules.rules if (named := _named(rule)) and not any(map(_matching(named), assigned))
    ]
    for rule, named in dead:
        texts = ", ".join(text for each in named for text in each.texts)
        because = f"Rule {rule.name!r} names assignments ({texts}), and none of the {len(assigned)} here is among them."
        yield Finding(Section.RULES, Check.ASSIGNMENTS, Verdict.WARNING, because, "\n".join(map(_listing, scopes)))
    if not dead:
        because = f"Every rule that names assignments names one of the {len(assigned)} that concern 'within'."
        yield Finding(Section.RULES, Check.ASSIGNMENTS, Verdict.OK, because)


def _named(rule: Rule) -> tuple[Globs, ...]:
    """The globs of assignments, where each block has some: else it may match without."""
    found = [_of_assignment(block) for block in rule.match]
    return tuple(each for each in found if each) if all(found) else ()


def _of_assignment(block: Block) -> Globs | None:
    named = (each for each in block.conditions if isinstance(each, TextCondition) and each.key == "assignment")
    return next((each.globs for each in named), None)


def _matching(named: Collection[Globs]) -> Callable[[str], bool]:
    return lambda assigned: any(each.match(assigned) for each in named)


def _listing(scope: ResourceId) -> str:
    return f'az policy assignment list --scope {scope} --disable-scope-strict-match --query "[].id" --output tsv'
