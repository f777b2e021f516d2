"""The trace of each round as a tree: what led to it, what was decided, deployed, and verified."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from responder.core.telemetry_names import Attr, SpanName
from responder.local.demo.account import Account
from responder.local.demo.spoken import spoken
from responder.local.demo.told_span import ToldSpan

# What is worth a line in each span; everything else stands in the file.
_TOLD = {
    SpanName.ROUND: (Attr.OUTCOME, Attr.SCOPE, Attr.RESOURCES, Attr.RULE),
    SpanName.CONFIRM: (Attr.REASON, Attr.RULE, Attr.RESOURCES),
    SpanName.OPEN: (Attr.TASK_NAME,),
    SpanName.RUN: (Attr.TASK_STATE, Attr.DEPLOYMENTS_SUCCEEDED, Attr.DEPLOYMENTS_FAILED),
    SpanName.DEPLOYMENT: (Attr.DEPLOYMENT_STATUS, Attr.RESOURCE),
    SpanName.VERIFY: (Attr.OUTCOME,),
}


def print_traces(account: Account, console: Console) -> None:
    """One tree a round, oldest first."""
    events = {span.span_id: span for span in account.of_kind(SpanName.EVENT)}
    numbers = {each.event_id: each.episode.number for each in account.delivered}
    for root in sorted(account.of_kind(SpanName.ROUND), key=lambda span: span.start):
        tree = Tree(_label(root))
        linked = [events[link].text(Attr.EVENT_ID) for link in root.links if link in events]
        told = ", ".join(sorted(numbers.get(event_id, event_id[:8]) for event_id in linked))
        tree.add(f"[bright_black]follows from {len(linked)} event{'s' * (len(linked) != 1)}: {told}[/]")
        _grow(tree, root, [span for span in account.spans if span.trace_id == root.trace_id])
        console.print(tree)
        console.print()


def _grow(tree: Tree, parent: ToldSpan, spans: Sequence[ToldSpan]) -> None:
    children = [span for span in spans if span.parent == parent.span_id]
    for span in sorted(children, key=lambda span: span.start):
        branch = tree.add(_label(span))
        if span.error and span.name == SpanName.DEPLOYMENT:
            branch.add(f"[red]{escape(spoken(span.error))}[/]")
        _grow(branch, span, spans)


def _label(span: ToldSpan) -> str:
    colour = "red" if span.error else "bold"
    told = ", ".join(_told(span, attribute) for attribute in _TOLD.get(SpanName(span.name), ()))
    trace = f" [bright_black]{span.trace_id[:8]}[/]" if span.name == SpanName.ROUND else ""
    return f"[{colour}]{span.name}[/]{trace} [cyan]{span.seconds:.1f} s[/] {told}"


def _told(span: ToldSpan, attribute: Attr) -> str:
    name = attribute.value.removeprefix("responder.")
    value = span.text(attribute)
    return f"[bright_black]{name}[/] {escape(spoken(value))}"
