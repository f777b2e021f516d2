"""Kusto's scalar values in Python, as far as our queries need them.

`string` is `str` and never null; `dynamic` is what JSON has; null is `None`. What orders null or adds to it is
null, and null is no reason to keep a row; but null and a value are unequal
(learn.microsoft.com/kusto/query/scalar-data-types/null-values). Whatever is
not written down here raises `NotSupported`: a wrong answer would be worse than none.
"""

import re
from datetime import datetime, timedelta
from typing import Any

Value = Any  # one of bool, int, float, str, datetime, timedelta, list, dict, None
_TIMESPAN = re.compile(r"(\d+(?:\.\d+)?)(d|h|m|s|ms)")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}
_QUOTES = re.compile(r"""(["'])(.*)\1""", re.DOTALL)


class NotSupported(Exception):
    """The query uses something that this small evaluator does not know."""


def literal(kind: str, text: str) -> Value:
    """The value of a literal, by the kind of its node."""
    match kind:
        case "StringLiteralExpression" if (found := _QUOTES.fullmatch(text)) and "\\" not in text:
            return found[2]
        case "LongLiteralExpression":
            return int(text)
        case "RealLiteralExpression":
            return float(text)
        case "BooleanLiteralExpression":
            return text == "true"
        case "TimespanLiteralExpression" if found := _TIMESPAN.fullmatch(text):
            return timedelta(**{_UNITS[found[2]]: float(found[1])})
        case _:
            raise NotSupported(f"the literal {text}")


def compared(operator: str, left: Value, right: Value) -> bool | None:
    """Two values of one type, compared."""
    if left is None or right is None:
        return _with_null(operator, left, right)
    match operator:
        case "==":
            return bool(left == right)
        case "!=" | "<>":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case ">=":
            return bool(left >= right)
        case _:
            return _texts_compared(operator, left, right)


def _with_null(operator: str, left: Value, right: Value) -> bool | None:
    if left is right or operator not in ("==", "!=", "<>"):
        return None
    return operator != "=="


def _texts_compared(operator: str, left: Value, right: Value) -> bool:
    if not (isinstance(left, str) and isinstance(right, str)):
        raise NotSupported(f"{operator} of what is no string")
    match operator:
        case "=~":
            return left.lower() == right.lower()
        case "!~":
            return left.lower() != right.lower()
        case "contains":
            return right.lower() in left.lower()
        case "startswith":
            return left.lower().startswith(right.lower())
        case _:
            raise NotSupported(f"the operator {operator}")


def calculated(operator: str, left: Value, right: Value) -> Value:
    """Two numbers, two timespans, or a time and a timespan, calculated with."""
    if left is None or right is None:
        return None
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if isinstance(left, int) and isinstance(right, int):
            return None if right == 0 else int(left / right)
        case "/":
            return left / right if right else None
        case _:
            raise NotSupported(f"the operator {operator}")


def text_of(value: Value) -> str:
    """`tostring`: of a time or a fraction it is told nothing, for Kusto writes them its own way."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            raise NotSupported(f"tostring of a {type(value).__name__}")


def number_of(value: Value, kind: type[int] | type[float]) -> Value:
    """`tolong`, `toint`, `todouble`: null where the text is no number."""
    if value is None:
        return None
    try:
        return kind(value)
    except ValueError:
        return None


def floored(value: Value, step: Value) -> Value:
    """`bin`: the largest multiple of the step that is not larger."""
    if value is None or step is None:
        return None
    if isinstance(value, datetime):
        start = datetime(1, 1, 1, tzinfo=value.tzinfo)
        return start + (value - start) // step * step
    return value // step * step
