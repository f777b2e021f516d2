"""The small evaluator does as Kusto's documentation says, and refuses what it does not know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.queries.parsing import Parsed, parse_all
from tests.queries.running import Tables, run
from tests.queries.values import NotSupported

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def number(minutes: float, value: float, **dimensions: str) -> dict[str, Any]:
    return {"timestamp": ago(minutes), "name": "n", "valueSum": value, "customDimensions": dimensions}


NUMBERS: Tables = {
    "customMetrics": [number(30, 5.0, q="a"), number(20, 7.0, q="a"), number(10, 1.0, q="b")],
    "traces": [{"timestamp": ago(1), "message": "One", "customDimensions": {"k": "v"}}],
}
ALL = "customMetrics | where timestamp > ago(2d) | count"
CASES = {
    "where keeps what is true": ("customMetrics | where valueSum > 4 | project valueSum", [[5.0], [7.0]]),
    "ago is before now": ("customMetrics | where timestamp > ago(15m) | project valueSum", [[1.0]]),
    "null is not kept": ("customMetrics | where valueMax > 0 or not(valueMax > 0) | count", [[0]]),
    "null and a value are unequal": ("customMetrics | where valueMax != 5 and not(valueMax == 5) | count", [[3]]),
    "null and null are neither": ("customMetrics | where valueMax == valueMin or valueMax != valueMin | count", [[0]]),
    "null or true is true": ("customMetrics | where valueMax > 0 or valueSum > 6 | count", [[1]]),
    "what is missing in a bag is an empty text": (
        'traces | project tostring(customDimensions["k"]), tostring(customDimensions["x"])',
        [["v", ""]],
    ),
    "extend adds, and replaces by name": (
        "customMetrics | extend valueSum = valueSum * 2, half = valueSum / 2 | take 1 | project valueSum, half",
        [[10.0, 2.5]],
    ),
    "a sum by group": (
        'customMetrics | summarize sum(valueSum) by q = tostring(customDimensions["q"])',
        [["a", 12.0], ["b", 1.0]],
    ),
    "without by there is one row of nothing": (
        "exceptions | summarize n = count(), newest = max(timestamp), s = sum(itemCount)",
        [[0, None, 0]],
    ),
    "with by there is no row of nothing": ("exceptions | summarize count() by type", []),
    "arg_max is the row with the largest": (
        "customMetrics | summarize arg_max(timestamp, valueSum), arg_min(timestamp, valueSum) "
        "| project valueSum, valueSum1",
        [[1.0, 5.0]],
    ),
    "arg_max of nothing is null": ("exceptions | summarize arg_max(timestamp, itemCount)", [[None, None]]),
    "other aggregates": (
        "customMetrics | summarize countif(valueSum > 4), avg(valueSum), min(valueSum), dcount(valueSum), "
        "percentile(valueSum, 50)",
        [[2, 13 / 3, 1.0, 3, 5.0]],
    ),
    "bins of time": (
        "customMetrics | summarize count() by bin(timestamp, 30m) | order by timestamp asc",
        [[ago(30), 3]],
    ),
    "bins of time that are split": (
        "customMetrics | summarize n = count() by bin(timestamp, 20m) | order by timestamp asc | project n",
        [[1], [2]],
    ),
    "order is descending unless it is said": ("customMetrics | order by valueSum | project valueSum", [[7], [5], [1]]),
    "order by several": (
        'customMetrics | extend q = tostring(customDimensions["q"]) | order by q desc, valueSum asc | project valueSum',
        [[1.0], [5.0], [7.0]],
    ),
    "prev looks at the row before": (
        "customMetrics | order by timestamp asc | project before = prev(valueSum, 1, 0.0)",
        [[0.0], [5.0], [7.0]],
    ),
    "prev of a text before the first is empty": (
        'customMetrics | order by timestamp asc | project same = iff(prev(name) == name, "y", "n")',
        [["n"], ["y"], ["y"]],
    ),
    "case takes the first that is true": (
        'customMetrics | project case(valueSum > 6, "high", valueSum > 4, "middle", "low")',
        [["middle"], ["high"], ["low"]],
    ),
    "texts": (
        'traces | project message =~ "one", message == "one", message contains "NE", message startswith "o"',
        [[True, False, True, True]],
    ),
    "in and !in": ('traces | project message in ("One", "Two"), message !in ("One")', [[True, False]]),
    "times are subtracted": (
        "customMetrics | summarize a = min(timestamp), b = max(timestamp) | where b - a >= 20m and b - a < 21m | count",
        [[1]],
    ),
    "names of let": (
        "let least = 6; let few = customMetrics | where valueSum > least; few | project valueSum",
        [[7.0]],
    ),
    "union has the columns of all": (
        "union (traces | project timestamp, message), (customMetrics | project timestamp, valueSum) | count",
        [[4]],
    ),
    "top": ("customMetrics | top 2 by valueSum desc | project valueSum", [[7.0], [5.0]]),
    "distinct": ('customMetrics | distinct q = tostring(customDimensions["q"])', [["a"], ["b"]]),
    "in, of rows": ("let some = traces | project message; traces | where message in (some) | count", [[1]]),
    "join has the columns of both": (
        "customMetrics | project name, valueSum "
        "| join kind=inner (customMetrics | where valueSum > 6 | project name, more = valueSum) on name "
        "| project valueSum, more",
        [[5.0, 7.0], [7.0, 7.0], [1.0, 7.0]],
    ),
    "away": ("traces | project message, name = 1 | project-away name", [["One"]]),
    "long by long is long": ("traces | project 7 / 2, 7.0 / 2, -1", [[3, 3.5, -1]]),
}


REFUSED = (
    "traces | project hash(message)",
    "traces | make-series count() on timestamp step 1h",
    "traces | summarize stdev(itemCount)",
    "traces | summarize arg_max(timestamp, *)",
    "traces | summarize max(timestamp) - min(timestamp)",
    "traces | where message matches regex '.*'",
    "traces | order by message asc nulls last",
    "traces | join kind=leftouter (requests | project operation_Id) on operation_Id",
    "traces | project tostring(timestamp)",
    r"traces | where message == 'a\tb'",
)
WRONG = {
    "traces | where messages == 'x'": "KS142 at 15: The name 'messages'",
    "traces | where timestamp > 'x'": "KS106 at 25: The operator '>' is not defined for the operand types datetime",
    "customMetrics | project itemCount": "KS142 at 24: The name 'itemCount'",
    "AppTraces | count": "KS204 at 0: The name 'AppTraces'",
    "traces | where message == ": "KS006 at 25: Missing expression",
}


@pytest.fixture(scope="module")
def parsed() -> dict[str, Parsed]:
    texts = [*(query for query, _ in CASES.values()), *REFUSED, *WRONG, ALL]
    return dict(zip(texts, parse_all(texts), strict=True))


@pytest.mark.parametrize(("query", "rows"), CASES.values(), ids=CASES)
def test_a_query_yields_what_kusto_would(query: str, rows: list[list[object]], parsed: dict[str, Parsed]) -> None:
    found = run(parsed[query], NUMBERS, NOW)

    assert [list(row.values()) for row in found] == rows


@pytest.mark.parametrize("query", REFUSED)
def test_what_is_not_known_is_refused(query: str, parsed: dict[str, Parsed]) -> None:
    with pytest.raises(NotSupported):
        run(parsed[query], NUMBERS, NOW)


@pytest.mark.parametrize(("query", "error"), WRONG.items(), ids=WRONG)
def test_what_does_not_fit_the_tables_is_an_error(query: str, error: str, parsed: dict[str, Parsed]) -> None:
    assert parsed[query].errors[0].startswith(error)


def test_a_query_sees_only_the_time_that_its_rule_gives_it(parsed: dict[str, Parsed]) -> None:
    found = run(parsed[ALL], NUMBERS, NOW, within=timedelta(minutes=15))

    assert found == [{"Count": 1}]
