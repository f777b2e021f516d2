"""What the operators of a query do with rows."""

from collections.abc import Callable, Mapping, Sequence

from tests.queries.aggregates import Group, aggregated
from tests.queries.parsing import Node
from tests.queries.scalars import Here, Row, evaluate
from tests.queries.values import NotSupported, Value

_Operator = Callable[[Node, Sequence[Row], Here], list[Row]]


def applied(node: Node, rows: Sequence[Row], here: Here) -> list[Row]:
    """The rows after an operator."""
    if node.kind not in _OPERATORS:
        raise NotSupported(f"the operator {node.kind}: {node.words[:60]}")
    return _OPERATORS[node.kind](node, rows, here)


def _each(node: Node, rows: Sequence[Row], here: Here) -> list[Value]:
    """An expression for each row."""
    return [evaluate(node, Here(here.now, here.lets, rows, index)) for index in range(len(rows))]


def _listed(node: Node) -> tuple[Node, ...]:
    """The last list of an operator: what it works with."""
    return next(child for child in reversed(node.children) if child.kind == "List").children


def _named(node: Node) -> tuple[str, Node]:
    """The name of a column and its expression."""
    if node.kind == "SimpleNamedExpression":
        return node.children[0].words, node.children[2]
    if node.kind == "NameReference":
        return node.words, node
    raise NotSupported(f"a column without a name: {node.words}")


def _expression(node: Node) -> Node:
    """The expression of a column, with or without a name; the parser says what each is called."""
    return node.children[2] if node.kind == "SimpleNamedExpression" else node


def _where(node: Node, rows: Sequence[Row], here: Here) -> list[Row]:
    kept = _each(node.children[-1], rows, here)
    return [row for row, keep in zip(rows, kept, strict=True) if keep is True]


def _extend(node: Node, rows: Sequence[Row], here: Here) -> list[Row]:
    """Columns of one `extend` do not see each other."""
    added = {name: _each(expression, rows, here) for name, expression in map(_named, _listed(node))}
    return [{**row, **{name: added[name][index] for name in added}} for index, row in enumerate(rows)]


def _project(node: Node, rows: Sequence[Row], here: Here) -> list[Row]:
    columns = [_each(_expression(each), rows, here) for each in _listed(node)]
    return [dict(zip(node.columns, values, strict=True)) for values in zip(*columns, strict=True)]


def _project_away(node: Node, rows: Sequence[Row], _here: Here) -> list[Row]:
    away = {_named(each)[0] for each in _listed(node)}
    return [{name: value for name, value in row.items() if name not in away} for row in rows]


def _summarize(node: Node, rows: Sequence[Row], here: Here) -> list[Row]:
    """One row for each group; without `by` one row, also of nothing."""
    by = node.first("SummarizeByClause")
    keys = [_each(_expression(each), rows, here) for each in _listed(by)] if by else []
    groups: dict[tuple[Value, ...], list[Row]] = {} if by else {(): []}
    for index, row in enumerate(rows):
        groups.setdefault(tuple(values[index] for values in keys), []).append(row)
    wanted = _listed(node)
    return [
        dict(zip(node.columns, [*key, *_all(wanted, Group(group, here))], strict=True)) for key, group in groups.items()
    ]


def _all(wanted: Sequence[Node], group: Group) -> list[Value]:
    return [value for each in wanted for value in aggregated(each, group)]


def _sort(node: Node, rows: Sequence[Row], here: Here) -> list[Row]:
    """Descending unless `asc` is said; nulls are the smallest."""
    ordered = list(rows)
    for each in reversed(_listed(node)):
        clause = each.first("OrderingClause")
        if clause and clause.first("OrderingNullsClause"):
            raise NotSupported("nulls first and nulls last")
        values = _each(each.children[0] if clause else each, ordered, here)
        places = sorted(range(len(ordered)), key=lambda index: _rank(values[index]), reverse=_falls(clause))
        ordered = [ordered[index] for index in places]
    return ordered


def _rank(value: Value) -> tuple[bool, Value]:
    return (value is not None, 0 if value is None else value)


def _falls(clause: Node | None) -> bool:
    return clause is None or clause.words != "asc"


def _take(node: Node, rows: Sequence[Row], here: Here) -> list[Row]:
    return list(rows[: evaluate(node.children[-1], here)])


def _top(node: Node, rows: Sequence[Row], here: Here) -> list[Row]:
    _, _, most, _, by = node.children
    ordering = Node("List", by.start, children=(by,))
    return _sort(Node("SortOperator", node.start, children=(ordering,)), rows, here)[: evaluate(most, here)]


def _distinct(node: Node, rows: Sequence[Row], here: Here) -> list[Row]:
    return list({tuple(row.values()): row for row in _project(node, rows, here)}.values())


def _count(node: Node, rows: Sequence[Row], _here: Here) -> list[Row]:
    return [{node.columns[0]: len(rows)}]


_OPERATORS: Mapping[str, _Operator] = {
    "FilterOperator": _where,
    "ExtendOperator": _extend,
    "ProjectOperator": _project,
    "ProjectAwayOperator": _project_away,
    "SummarizeOperator": _summarize,
    "SortOperator": _sort,
    "TakeOperator": _take,
    "TopOperator": _top,
    "DistinctOperator": _distinct,
    "CountOperator": _count,
}
