"""What PyYAML finds wrong with a text, for those who do not know its words."""

import yaml

from responder.core.rules_problem import Problem

_IN_OUR_WORDS = {
    "'\\t'": "a tab stands where YAML wants spaces; indent with spaces",
    "found '*'": "a text that begins with '*' must be put in quotes",
    "undefined alias": "'*' begins an alias that nothing defines; a text that begins with '*' must be put in quotes",
    "mapping values are not allowed here": "a ':' stands where none can; is the line indented as its neighbours are, "
    "or must a text be put in quotes?",
    "could not find expected ':'": "a ':' is missing after a key, or the line is not indented as its neighbours are",
    "expected <block end>": "the line is not indented as its neighbours are",
    "cannot start any token": "a text begins with a character that means something to YAML; put it in quotes",
    "expected ',' or": "a bracket is not closed, or a comma is missing",
    "while scanning a quoted scalar": "a quote is not closed",
    "unexpected end of stream": "a quote is not closed",
    "found '<stream end>'": "the text ends where a value should stand; is a bracket not closed?",
    "another document": "a line of '---' begins a second document; there can only be one",
}
"""A piece of what PyYAML says, and what we say instead."""


def unreadable(error: yaml.MarkedYAMLError) -> Problem:
    """The one problem of a text that is not YAML."""
    mark = error.problem_mark or error.context_mark
    what = error.problem or error.context or "it cannot be read"
    meant = next((ours for theirs, ours in _IN_OUR_WORDS.items() if theirs in what), what)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem("", f"the file is not YAML: {meant}", line, column)
