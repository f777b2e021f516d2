"""What an expression of a query comes to, for one row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.queries.parsing import Node
from tests.queries.values import NotSupported, Value, calculated, compared, floored, literal, number_of, text_of

Row = dict[str, Value]
_COMPARISONS = frozenset({"==", "!=", "<>", "<", "<=", ">", ">=", "=~", "!~", "contains", "startswith"})


@dataclass(frozen=True, slots=True)
class Here:
    """Where an expression is evaluated: the row among its neighbours, what `let` named, and the time."""

    now: datetime
    lets: Mapping[str, Value] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    index: int = 0

    @property
    def row(self) -> Row:
        """The row itself; without rows there are only constants."""
        return self.rows[self.index] if self.rows else {}


def evaluate(node: Node, here: Here) -> Value:
    """The value of an expression."""
    children = node.children
    match node.kind:
        case "NameReference":
            return _named(node.words, here)
        case "ParenthesizedExpression":
            return evaluate(children[1], here)
        case "UnaryMinusExpression":
            return calculated("-", 0, evaluate(children[1], here))
        case "FunctionCallExpression":
            return _called(children[0].words, arguments(node), here)
        case "ElementExpression":
            return _element(evaluate(children[0], here), evaluate(children[1].children[1], here))
        case "AndExpression" | "OrExpression":
            return _joined(children[1].text, evaluate(children[0], here), evaluate(children[2], here))
        case "InExpression" | "NotInExpression":
            return _among(children[1].text, evaluate(children[0], here), _items(children[2], here))
        case kind if kind.endswith("LiteralExpression"):
            return literal(kind, node.words)
        case _ if len(children) == 3 and children[1].text:
            return _both(children[1].text, evaluate(children[0], here), evaluate(children[2], here))
        case _:
            raise NotSupported(f"{node.kind}: {node.words}")


def arguments(call: Node) -> tuple[Node, ...]:
    """The arguments of a call."""
    return call.children[1].children[1].children


def _named(name: str, here: Here) -> Value:
    if name in here.row:
        return here.row[name]
    if name in here.lets:
        return here.lets[name]
    raise NotSupported(f"the name {name} in a row of {sorted(here.row)}")


def _both(operator: str, left: Value, right: Value) -> Value:
    return compared(operator, left, right) if operator in _COMPARISONS else calculated(operator, left, right)


def _joined(word: str, left: bool | None, right: bool | None) -> bool | None:
    """`and` and `or`, with null as a third value."""
    deciding = word == "or"
    if deciding in (left, right):
        return deciding
    return None if None in (left, right) else not deciding


def _items(listed: Node, here: Here) -> list[Value]:
    """What stands in the brackets: values, or the name of rows with one column."""
    told = [evaluate(each, here) for each in listed.children[1].children]
    if len(told) == 1 and isinstance(told[0], list):
        return [value for row in told[0] for value in row.values()]
    return told


def _among(operator: str, value: Value, items: list[Value]) -> bool:
    if operator not in ("in", "!in"):
        raise NotSupported(f"the operator {operator}")
    return (value in items) == (operator == "in")


def _element(whole: Value, key: Value) -> Value:
    if isinstance(whole, dict):
        return whole.get(key)
    if whole is None:
        return None
    raise NotSupported(f"an element of a {type(whole).__name__}")


def _called(name: str, given: Sequence[Node], here: Here) -> Value:
    if name in _LAZY:
        return _LAZY[name](given, here)
    if name not in _FUNCTIONS:
        raise NotSupported(f"the function {name}")
    return _FUNCTIONS[name](*(evaluate(each, here) for each in given))


def _if(given: Sequence[Node], here: Here) -> Value:
    """`iff` and `case`: conditions and values in turn, then what else."""
    for condition, value in zip(given[:-1:2], given[1::2], strict=False):
        if evaluate(condition, here):
            return evaluate(value, here)
    return evaluate(given[-1], here)


def _previous(given: Sequence[Node], here: Here) -> Value:
    """`prev(column, offset, default)`: of rows that are in order."""
    offset = evaluate(given[1], here) if len(given) > 1 else 1
    before = here.index - offset
    if before < 0:
        return evaluate(given[2], here) if len(given) > 2 else _null_of(given[0])
    return evaluate(given[0], Here(here.now, here.lets, here.rows, before))


def _null_of(node: Node) -> Value:
    return "" if node.type == "string" else None


_LAZY: Mapping[str, Callable[[Sequence[Node], Here], Value]] = {
    "iff": _if,
    "case": _if,
    "prev": _previous,
    "now": lambda _given, here: here.now,
    "ago": lambda given, here: here.now - evaluate(given[0], here),
}
_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "tostring": text_of,
    "tolong": lambda value: number_of(value, int),
    "toint": lambda value: number_of(value, int),
    "todouble": lambda value: number_of(value, float),
    "toreal": lambda value: number_of(value, float),
    "tolower": lambda value: text_of(value).lower(),
    "strcat": lambda *values: "".join(text_of(value) for value in values),
    "isempty": lambda value: value is None or value == "",
    "isnotempty": lambda value: value is not None and value != "",
    "isnull": lambda value: value is None,
    "isnotnull": lambda value: value is not None,
    "not": lambda value: None if value is None else not value,
    "bin": floored,
    "round": lambda value, digits=0: None if value is None else round(value, digits),
    "coalesce": lambda *values: next((value for value in values if value is not None and value != ""), values[-1]),
}
