"""A rules file looked over for whoever writes it: everything that is wrong, and what is probably not meant.

The app reads the same file with `read_rules` and asks for no warnings.
"""

from dataclasses import dataclass

from responder.core.rules import BadRules, Problem, Rules, read_rules
from responder.core.rules_warning import warnings_of
from responder.core.rules_yaml import read_tree


@dataclass(frozen=True, slots=True)
class Review:
    """The rules, where the file has no problem; warnings are looked for only then."""

    rules: Rules | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def review(text: str) -> Review:
    """Look a file over. Never raises for what stands in the text."""
    try:
        rules = read_rules(text)
    except BadRules as error:
        return Review(None, error.problems)
    return Review(rules, (), warnings_of(read_tree(text), rules))
