"""The account of one run: what was delivered, what the app told, what the ledger and the simulated Azure hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from responder.core.case import Case
from responder.core.resource_row import ResourceRow
from responder.core.telemetry_names import Attr, SpanName
from responder.local.demo.opened_task import OpenedTask
from responder.local.demo.story import Episode
from responder.local.demo.told_span import ToldSpan


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivery and how the app answered it."""

    episode: Episode
    event: Mapping[str, object]
    status: int  # of the answer; Event Grid takes 200 to 204 for delivered

    @property
    def event_id(self) -> str:
        """The event's own id."""
        return str(self.event["id"])


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that is known when the run is over."""

    delivered: Sequence[Delivered]
    raised: Sequence[Mapping[str, object]]  # events that the simulated Azure raised in answer to remediations
    cases: Sequence[Case]
    rows: Mapping[str, tuple[ResourceRow, ...]]  # by case id
    tasks: Sequence[OpenedTask]
    spans: Sequence[ToldSpan]

    def answers(self) -> list[tuple[Delivered, ToldSpan | None]]:
        """Each delivery with its span; the nth delivery of an event has the nth span of its id."""
        told: dict[str, list[ToldSpan]] = {}
        for span in sorted(self.of_kind(SpanName.EVENT), key=lambda span: span.start):
            told.setdefault(span.text(Attr.EVENT_ID), []).append(span)
        answers = []
        for each in self.delivered:
            left = told.get(each.event_id, [])
            answers.append((each, left.pop(0) if left else None))
        return answers

    def of_kind(self, name: SpanName) -> list[ToldSpan]:
        """The spans of one name, in the order in which they were written."""
        return [span for span in self.spans if span.name == name]

    def task_of(self, case: Case) -> OpenedTask | None:
        """The task that a case's last round opened."""
        return next((task for task in self.tasks if case.plan and task.name == case.plan.name), None)
