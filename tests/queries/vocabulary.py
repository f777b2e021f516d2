"""The words that a query uses of our telemetry, and whether the app ever says them.

A query that names an attribute, a metric or a state which nobody tells finds nothing, for ever, and nobody notices.
"""

from collections.abc import Iterable, Iterator, Mapping

from responder.core.case import Hold, State, Stop
from responder.core.decision import Answer
from responder.core.log_line import DONE, FAILED
from responder.core.outcome import Outcome
from responder.core.telemetry_names import Attr, LogName, MetricName, SpanName
from responder.sweep import CASES
from tests.queries.parsing import TABLES, Node, Parsed

_STAGES = ("scan to event", "event to task", "task to end", "end to verified")
_SAID: Mapping[Attr, Iterable[str]] = {
    Attr.LOG: LogName,
    Attr.STATE: State,
    Attr.BEFORE: State,
    Attr.REASON: (*Hold, *Stop),
    Attr.OUTCOME: Outcome,
    Attr.DECISION: (*Answer, "withdrawn", "stale"),
    Attr.RESULT: (DONE, FAILED),
    Attr.JOB: (CASES,),
    Attr.SLOT: ("used", "limit"),
    Attr.STAGE: _STAGES,
    Attr.STATUS: ("401", "403", "429", "none"),
    Attr.CALL: ("POST queryresults",),
}
_COMPARING = frozenset({"==", "!=", "=~", "!~", "in", "!in"})


def unheard(parsed: Parsed) -> list[str]:
    """Each word of the query that the app never says, and where it stands."""
    return [*_unknown_attributes(parsed.tree), *_unknown_values(parsed.tree)]


def attributes(node: Node) -> Iterator[str]:
    """Every key of `customDimensions` below a node."""
    for each in node.walk():
        if each.kind == "ElementExpression" and each.children[0].words == "customDimensions":
            yield each.children[1].words[1:-1].strip().strip("\"'")


def _unknown_attributes(tree: Node) -> list[str]:
    named = {name for name in attributes(tree) if name not in set(Attr)}
    ours = {text for text in _texts(tree) if text.startswith("responder.")}
    return [f"nobody tells {name!r}" for name in sorted(named | (ours - {*Attr, *MetricName}))]


def _unknown_values(tree: Node) -> list[str]:
    aliases, names = _aliases(tree), _names(tree)
    found = []
    for each in tree.walk():
        if len(each.children) == 3 and each.children[1].text in _COMPARING:
            subject = _subject(each.children[0], aliases)
            said = names if subject == "name" else _said(subject)
            found += [f"{subject} is never {text!r}" for text in _texts(each.children[2]) if said and text not in said]
    return found


def _names(tree: Node) -> frozenset[str]:
    """What `name` may be in the tables of the query: a metric's or a span's."""
    tables = {each.words for each in tree.walk() if each.kind == "NameReference"} & set(TABLES)
    metrics = MetricName if "customMetrics" in tables else ()
    return frozenset((*metrics, *(SpanName if tables != {"customMetrics"} else ())))


def _aliases(tree: Node) -> dict[str, str]:
    """Columns that hold an attribute, by their names: `x = tostring(customDimensions["…"])`."""
    named = [each for each in tree.walk() if each.kind == "SimpleNamedExpression"]
    return {each.children[0].words: keys[0] for each in named if len(keys := list(attributes(each.children[2]))) == 1}


def _subject(node: Node, names: Mapping[str, str]) -> str:
    """What is compared: an attribute, or a column."""
    keys = list(attributes(node))
    return keys[0] if keys else names.get(node.words, node.words)


def _texts(node: Node) -> list[str]:
    return [each.words.strip("\"'") for each in node.walk() if each.kind == "StringLiteralExpression"]


def _said(subject: str) -> frozenset[str]:
    """Everything that a column may be compared with; nothing where it is not one of ours."""
    if subject not in set(Attr):
        return frozenset()
    return frozenset(("", *(str(word) for word in _SAID.get(Attr(subject), ()))))
