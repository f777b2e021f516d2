"""What a change of a rule's text means for cases: stopped ones are let go, waiting ones are looked at again.

A stopped case was given up or refused under one text of its rule; the digest of that text is kept with it. Another
text, or none any more, is a reason to try anew.
"""

import hashlib
from collections.abc import Mapping

from responder.core.case import Case, Hold, State
from responder.core.rules import Rules

Texts = Mapping[str, str]
"""The digest of each rule's text, settings included, by its name."""
_WAITS_FOR_A_RULE = (Hold.WAITING_FOR_WINDOW, Hold.WAITING_FOR_APPROVAL)


def texts_of(rules: Rules) -> Texts:
    """The present texts, in the order of the rules."""
    return {rule.name: rule.digest for rule in (*rules.rules, rules.otherwise)}


def digest_of(texts: Texts) -> str:
    """One digest of all of them."""
    return hashlib.sha256("\n".join(f"{name}\t{text}" for name, text in texts.items()).encode()).hexdigest()


def outdated(case: Case, texts: Texts) -> bool:
    """Whether a stopped case was stopped under other texts of its rule only, and not under the present one.

    Where it is not known under which text, only a person lets it go; so, too, where the present text is one that it
    was stopped under before: two versions of the rules beside each other would let it go without end.
    """
    under = case.stopped_under or (case.plan.digest if case.plan else "")
    if case.state is not State.STOPPED or not under:
        return False
    present = texts.get(case.rule)
    return under not in case.stopped_before if present is None else present not in (under, *case.stopped_before)


def waits_in_vain(case: Case, texts: Texts) -> bool:
    """Whether a case waits for a window or an approval that another text of its rule asked for."""
    if case.state is not State.HELD or case.reason not in _WAITS_FOR_A_RULE or case.plan is None:
        return False
    return texts.get(case.plan.rule) != case.plan.digest
