"""What a case needs next, and when. Whoever reads a case asks this; nothing else decides what is done."""

from dataclasses import dataclass
from datetime import datetime

from responder.core.case import Case, Move, Plan, State
from responder.core.task import Task


@dataclass(frozen=True, slots=True)
class Confirm:
    """Read the policy states and decide again: what is still wanted becomes the plan."""

    at: datetime


@dataclass(frozen=True, slots=True)
class HandOver:
    """Finish a hand-over that is written down; nothing is planned before it is done."""

    at: datetime
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Create the planned task, or find it under its name."""

    at: datetime
    plan: Plan

    @property
    def scope(self) -> str:
        """Where the task is opened."""
        return self.plan.scope


@dataclass(frozen=True, slots=True)
class CheckTask:
    """Look how far the task is."""

    at: datetime
    plan: Plan


@dataclass(frozen=True, slots=True)
class Verify:
    """Look whether Azure Policy now calls the resources compliant."""

    at: datetime
    plan: Plan
    task: Task


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing now. `at` is when to ask again, or None where only news or a person moves it."""

    at: datetime | None


Step = Confirm | HandOver | OpenTask | CheckTask | Verify | Rest


def next_step(case: Case, now: datetime) -> Step:
    """The step a case needs: `Rest` until it is due, then what its state asks for."""
    if case.state in (State.CLOSED, State.STOPPED) or case.due is None:
        return Rest(None)
    if case.due > now:
        return Rest(case.due)
    return step_of(case, case.due)


def step_of(case: Case, at: datetime) -> Step:
    """The step that the state alone asks for, whenever it is due; what a worker that has claimed the case takes."""
    if case.moves:
        return HandOver(at, case.moves)
    if case.plan is None or case.state is State.GATHERING:
        return Confirm(at)
    if case.state in (State.HELD, State.OPENING):
        return OpenTask(at, case.plan)
    if case.task is None or case.state is State.RUNNING:
        return CheckTask(at, case.plan)
    return Verify(at, case.plan, case.task)
