"""What `summarize` makes of a group of rows."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from tests.queries.parsing import Node
from tests.queries.scalars import Here, Row, arguments, evaluate
from tests.queries.values import NotSupported, Value

_Aggregate = Callable[[Sequence[Node], "Group"], list[Value]]


class Group:
    """The rows of one group, and where they are looked at."""

    def __init__(self, rows: Sequence[Row], here: Here) -> None:
        self.rows = rows
        self._here = here

    def values(self, node: Node) -> list[Value]:
        """An expression for each row, null where it is null."""
        return [evaluate(node, Here(self._here.now, self._here.lets, self.rows, i)) for i in range(len(self.rows))]

    def known(self, node: Node) -> list[Value]:
        """The same without nulls."""
        return [value for value in self.values(node) if value is not None]

    def constant(self, node: Node) -> Value:
        """An expression that names no column."""
        return evaluate(node, Here(self._here.now, self._here.lets))


def aggregated(node: Node, group: Group) -> list[Value]:
    """The values of one aggregate: one, or several of `arg_max` and `arg_min`."""
    call = node.children[-1] if node.kind == "SimpleNamedExpression" else node
    name = call.children[0].words if call.kind == "FunctionCallExpression" else call.kind
    if name not in _AGGREGATES:
        raise NotSupported(f"the aggregate {name}")
    return _AGGREGATES[name](arguments(call), group)


def _extreme(given: Sequence[Node], group: Group, best: Callable[..., int]) -> list[Value]:
    """The row where the first is largest, or smallest, and what is asked of it; nulls where there is no row."""
    if any(each.kind == "StarExpression" for each in given):
        raise NotSupported("arg_max and arg_min with *")
    keys = group.values(given[0])
    rows = [index for index, key in enumerate(keys) if key is not None]
    if not rows:
        return ["" if each.type == "string" else None for each in given]
    where = best(rows, key=lambda index: keys[index])
    return [group.values(each)[where] for each in given]


def _sum(given: Sequence[Node], group: Group) -> list[Value]:
    return [sum(group.known(given[0]))]


def _mean(given: Sequence[Node], group: Group) -> list[Value]:
    known = group.known(given[0])
    return [sum(known) / len(known) if known else None]


def _percentile(given: Sequence[Node], group: Group) -> list[Value]:
    """The nearest rank; Kusto estimates it for many values."""
    known = sorted(group.known(given[0]))
    rank = math.ceil(group.constant(given[1]) / 100 * len(known))
    return [known[max(rank - 1, 0)] if known else None]


def _set(given: Sequence[Node], group: Group) -> list[Value]:
    most = group.constant(given[1]) if len(given) > 1 else None
    return [list(dict.fromkeys(group.known(given[0])))[:most]]


def _any(given: Sequence[Node], group: Group) -> list[Value]:
    return [next(iter(group.known(each)), None) for each in given]


def _different(given: Sequence[Node], group: Group) -> list[Value]:
    return [len({value.timestamp() if isinstance(value, datetime) else value for value in group.known(given[0])})]


_AGGREGATES: Mapping[str, _Aggregate] = {
    "count": lambda _given, group: [len(group.rows)],
    "countif": lambda given, group: [sum(value is True for value in group.values(given[0]))],
    "sum": _sum,
    "avg": _mean,
    "min": lambda given, group: [min(group.known(given[0]), default=None)],
    "max": lambda given, group: [max(group.known(given[0]), default=None)],
    "dcount": _different,
    "percentile": _percentile,
    "make_set": _set,
    "take_any": _any,
    "arg_max": lambda given, group: _extreme(given, group, max),
    "arg_min": lambda given, group: _extreme(given, group, min),
}
