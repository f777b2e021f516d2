"""The `$filter` of a query: the part of OData that policy states, remediations and role assignments use.

`and`, `or`, parentheses, `eq` and `ne` on texts, `true`, `false` and `null`, and functions such as
`assignedTo('…')`. A quote inside a text is doubled; texts and field names compare without case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from responder.local.simulator.refusal import Refusal, bad_filter

Row = Mapping[str, object]
Test = Callable[[Row], bool]
Function = Callable[[Row, str], bool]

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>[()]))")
_CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}


def compiled(text: str, fields: Collection[str], functions: Mapping[str, Function] | None = None) -> Test:
    """A test of rows with these fields; `Refusal` where the text cannot be understood. No text matches all."""
    if not text.strip():
        return lambda _row: True
    reader = _Reader(text, {field.lower(): field for field in fields}, functions or {})
    return reader.whole()


class _Reader:
    """Recursive descent: or binds weaker than and, parentheses bind strongest."""

    def __init__(self, text: str, fields: Mapping[str, str], functions: Mapping[str, Function]) -> None:
        self._text = text
        self._fields = fields
        self._functions = {name.lower(): function for name, function in functions.items()}
        self._tokens = self._split()
        self._next = 0

    def whole(self) -> Test:
        test = self._any()
        if self._next < len(self._tokens):
            raise self._wrong(f"'{self._tokens[self._next]}' was not expected")
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._took("or"):
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._took("and"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._took("("):
            test = self._any()
            self._expect(")")
            return test
        word = self._take()
        if self._took("("):
            return self._call(word)
        return self._comparison(word)

    def _call(self, name: str) -> Test:
        function = self._functions.get(name.lower())
        if function is None:
            raise self._wrong(f"there is no function '{name}'")
        argument = ""
        if not self._took(")"):
            argument = str(_value(self._take()))
            self._expect(")")
        return lambda row: function(row, argument)

    def _comparison(self, word: str) -> Test:
        field = self._fields.get(word.lower())
        if field is None:
            raise self._wrong(f"there is no field '{word}'")
        operator = self._take().lower()
        if operator not in ("eq", "ne"):
            raise self._wrong(f"'{operator}' is not among the operators eq and ne")
        literal = self._take()
        if not literal.startswith("'") and literal.lower() not in _CONSTANTS:
            raise self._wrong(f"'{literal}' is no value; texts stand in quotes")
        wanted = _value(literal)
        return lambda row: (_folded(row.get(field)) == _folded(wanted)) == (operator == "eq")

    def _split(self) -> list[str]:
        tokens, place = [], 0
        text = self._text.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise self._wrong(f"'{text[place:].strip()}' cannot be read")
            tokens.append(found[0].strip())
            place = found.end()
        return tokens

    def _take(self) -> str:
        if self._next == len(self._tokens):
            raise self._wrong("it ends too early")
        self._next += 1
        return self._tokens[self._next - 1]

    def _took(self, token: str) -> bool:
        found = self._next < len(self._tokens) and self._tokens[self._next].lower() == token
        self._next += found
        return found

    def _expect(self, token: str) -> None:
        if not self._took(token):
            raise self._wrong(f"'{token}' is missing")

    def _wrong(self, why: str) -> Refusal:
        return bad_filter(self._text, why)


def _value(literal: str) -> str | bool | None:
    if literal.startswith("'"):
        return literal[1:-1].replace("''", "'")
    return _CONSTANTS.get(literal.lower())


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value
