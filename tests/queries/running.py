"""A query, run on rows: what Kusto's parser understood, carried out.

There is no engine of Kusto that runs here, so this small one walks the syntax tree of the real parser. It knows what
our queries use and refuses everything else by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.queries.operators import applied
from tests.queries.parsing import TABLES, Node, Parsed
from tests.queries.scalars import Here, Row, evaluate
from tests.queries.values import NotSupported

Tables = Mapping[str, Sequence[Row]]


def run(parsed: Parsed, tables: Tables, now: datetime, within: timedelta | None = None) -> list[Row]:
    """The rows that a query yields at a time, of tables that are cut to the last `within`, as rules do it."""
    assert parsed.errors == []
    since = now - within if within else None
    seen = {name: [_whole(name, row) for row in tables.get(name, ()) if _counts(row, since, now)] for name in TABLES}
    here = Here(now)
    for statement in parsed.tree.children[1].children:
        if statement.kind == "LetStatement":
            here = _let(statement, seen, here)
            continue
        return _rows(statement.children[0], seen, here)
    raise NotSupported("a query without an expression")


def _counts(row: Row, since: datetime | None, now: datetime) -> bool:
    timestamp: datetime = row["timestamp"]
    return (since is None or timestamp >= since) and timestamp <= now


def _whole(table: str, row: Row) -> Row:
    """A row with just the columns of its table; what nobody sent is empty."""
    return {column: row.get(column, "" if type_ == "string" else None) for column, type_ in TABLES[table].items()}


def _let(statement: Node, tables: Tables, here: Here) -> Here:
    _, name, _, value = statement.children
    worth = _rows(value, tables, here) if value.kind == "PipeExpression" else evaluate(value, here)
    return replace(here, lets={**here.lets, name.words: worth})


def _rows(node: Node, tables: Tables, here: Here) -> list[Row]:
    match node.kind:
        case "PipeExpression" if node.children[2].kind == "JoinOperator":
            return _join(node.children[2], _rows(node.children[0], tables, here), tables, here)
        case "PipeExpression":
            return applied(node.children[2], _rows(node.children[0], tables, here), here)
        case "ParenthesizedExpression":
            return _rows(node.children[1], tables, here)
        case "NameReference":
            return list(here.lets[node.words] if node.words in here.lets else tables[node.words])
        case "UnionOperator":
            return _union(node, tables, here)
        case _:
            raise NotSupported(f"{node.kind}: {node.words[:60]}")


def _union(node: Node, tables: Tables, here: Here) -> list[Row]:
    """Every row of every part, each with the columns of all; a column must be of one type in all of them."""
    parts = [row for part in node.children[-1].children for row in _rows(part, tables, here)]
    return [{column: row.get(column) for column in node.columns} for row in parts]


def _join(node: Node, left: Sequence[Row], tables: Tables, here: Here) -> list[Row]:
    """`join kind=inner (…) on column`: the right side's columns under the names that the parser gives them."""
    right = _rows(next(each for each in node.children if each.kind == "ParenthesizedExpression"), tables, here)
    on = [each.words for each in node.children[-1].children[-1].children]
    if node.children[1].words != "kind = inner" or not all(name.isidentifier() for name in on):
        raise NotSupported(node.words[:60])
    pairs = [(mine, other) for mine in left for other in right if all(mine[name] == other[name] for name in on)]
    return [dict(zip(node.columns, [*mine.values(), *other.values()], strict=True)) for mine, other in pairs]
