"""The app's own scopes: left alone, unless a rule's `match` names them literally.

A policy that remediates the remediator can cut the branch it sits on (its storage account's network rules, its
own settings); nobody means that by a wildcard.
"""

from collections.abc import Iterable

from responder.core.block import Block, Condition, GroupCondition, TextCondition
from responder.core.boundary import Finding, Scope
from responder.core.subject import Subject


def owning(own: Iterable[Scope], subject: Subject) -> Finding:
    """Whether the subject lies in a scope of the app itself."""
    unknown: Finding | None = None
    for entry in own:
        told = entry.covers(subject)
        if told:
            return True, f"it lies in {entry.text}, a scope of this app itself; no rule names it literally"
        if told is None:
            unknown = None, f"{entry.text} is this app's own, and the management groups of the resource are not known"
    return unknown or (False, "")


def names_literally(match: Iterable[Block], own: Iterable[Scope], subject: Subject) -> bool | None:
    """Whether a block that holds names an own scope that covers the subject, or what lies in it.

    `None` where only a block that may hold does: what is unread must not open what is closed.
    """
    covering = [entry for entry in own if entry.covers(subject)]
    told: bool | None = False
    for block in match:
        if any(_names(condition, entry) for condition in block.conditions for entry in covering):
            holds = block.holds(subject)
            if holds:
                return True
            told = None if holds is None else told
    return told


def _names(condition: Condition, entry: Scope) -> bool:
    match condition:
        case TextCondition(key="resource", globs=globs):
            return any(_below(text, entry) for text in globs.texts)
        case TextCondition(key="resourceGroup", globs=globs):
            return "resourcegroups" in entry.segments[2:3] and entry.segments[3] in globs.literals
        case TextCondition(key="subscription", globs=globs):
            return len(entry.segments) == 2 and entry.segments[1] in globs.literals
        case GroupCondition(globs=globs):
            return entry.group is not None and entry.segments[-1] in globs.literals
        case _:
            return False


def _below(text: str, entry: Scope) -> bool:
    """Whether the part of a glob before its first wildcard spells the whole scope."""
    literal = text.partition("*")[0]
    whole = "/" + "/".join(entry.segments)
    return text == whole or literal.startswith(whole + "/")
