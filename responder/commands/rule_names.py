"""Whether a rule that a person names is one of the rules file: a switch for a name that nobody has stops nothing."""

import sys
from difflib import get_close_matches

from responder.adapters.rules_file import read_rules_file
from responder.commands.open_ledger import NoLedger, told_environment
from responder.core.folding import fold
from responder.core.rules import BadRules


def check_rule(name: str) -> None:
    """Raise `NoLedger` where the rules file has no such rule. Where it cannot be read that is told, and no more."""
    file = told_environment().get("RESPONDER_RULES") or "rules.yaml"
    try:
        rules = read_rules_file(file)
    except BadRules:
        print(f"Note: {file} cannot be read here, so nobody knows whether there is such a rule.", file=sys.stderr)
        return
    names = {fold(rule.name): rule.name for rule in (*rules.rules, rules.otherwise)}
    told = fold(name.strip())
    if told in names:
        return
    near = [each for each in names if told and told in each] or get_close_matches(told, names, 1)
    meant = f"; did you mean {names[near[0]]!r}?" if near else "."
    raise NoLedger(f"{file} has no rule {name!r}{meant} With --any-name it is taken as it is.")
