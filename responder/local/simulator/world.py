"""One simulated Azure: its time, its tenant, its tasks and its events, made anew when the simulator is emptied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from responder.local.simulator import scope as ids
from responder.local.simulator.agenda import Agenda
from responder.local.simulator.clock import Clock
from responder.local.simulator.documents import Dials, Json, State
from responder.local.simulator.event import Change, Raised, event_of
from responder.local.simulator.faults import Faults
from responder.local.simulator.quota import Quota
from responder.local.simulator.request_log import RequestLog
from responder.local.simulator.task import Task
from responder.local.simulator.tenant import Tenant, state_key
from responder.local.simulator.wire import stamp


@dataclass(slots=True)
class World:
    """Everything the services share. `deliver` is told of each event when it is due to be sent."""

    clock: Clock
    deliver: Callable[[Raised], None]
    dials: Dials = field(default_factory=Dials)
    agenda: Agenda = field(default_factory=Agenda)
    tenant: Tenant = field(default_factory=Tenant)
    tasks: list[Task] = field(default_factory=list)
    events: list[Raised] = field(default_factory=list)
    operations: dict[str, datetime] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    requests: RequestLog = field(default_factory=RequestLog)
    quota: Quota = field(default_factory=Quota)

    def settle(self) -> datetime:
        """Let everything happen that is due, and return the time it is."""
        now = self.clock.now()
        self.agenda.settle(now)
        return now

    def change_state(self, state: State, now: datetime) -> Json | None:
        """Set or take away a state and raise the event that follows; None where there was nothing to take away."""
        before = self.tenant.change(state, now)
        if state.compliance_state is None:
            if before is None:
                return None
            # No sample of this event was found; it is taken to carry the last state and the time of its end.
            gone = before.model_copy(update={"timestamp": state.timestamp or stamp(now)})
            return self._raise(gone, "Deleted", now)
        after = self.tenant.states[state_key(state)]
        return self._raise(after, "Changed" if before else "Created", now)

    def task(self, scope: str, name: str) -> Task | None:
        """The task of that name at that scope, unless it was deleted or replaced."""
        wanted = (ids.key(scope), name.lower())
        for task in reversed(self.tasks):
            if task.removed is None and (ids.key(task.scope), task.name.lower()) == wanted:
                return task
        return None

    def _raise(self, state: State, change: Change, now: datetime) -> Json:
        raised = Raised(event_of(state, change, now, self.dials.events_topic), now)
        self.events.append(raised)
        if self.dials.events_to is None:
            raised.status = "no-subscriber"
        else:
            self.agenda.at(now + self.dials.events_delay, lambda _at: self.deliver(raised))
        return raised.event
