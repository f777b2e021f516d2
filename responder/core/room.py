"""How much room the limits leave, and what is missing, in words and figures.

Three limits: tasks that run in the whole app, tasks of one definition, and resources that tasks were opened for in
a rolling hour. Older cases come first: what they need is put aside before a younger one is looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from responder.core.rule_settings import Bounds


@dataclass(frozen=True, slots=True)
class Room:
    """What is used up and put aside. `kept` of the `running` tasks do not run yet: older cases come first."""

    bounds: Bounds
    running: int
    of_definition: Mapping[str, int]
    hour: int  # resources
    kept: int = 0
    queue: bool = False  # an older case waits for the hour's room, so nobody younger may use it up

    def lack(self, definition: str, resources: int) -> str | None:
        """Why there is no room for one more task, or `None`."""
        return self._lacks_task(definition) or self._lacks_hour(resources)

    def less(self, definition: str, resources: int) -> "Room":
        """The room once an older case was put aside for: it has its part, or the hour is kept for it.

        A case that waits for its definition takes nothing from others. One that waits for the hour is next: else
        narrow plans would use the hour up for ever and a wide one would never come to its turn.
        """
        if self._lacks_task(definition) or resources > self.bounds.resources_per_hour:
            return self
        if self._lacks_hour(resources):
            return replace(self, queue=True)
        return replace(
            self,
            running=self.running + 1,
            of_definition={**self.of_definition, definition: self.of_definition.get(definition, 0) + 1},
            hour=self.hour + resources,
            kept=self.kept + 1,
        )

    def _lacks_task(self, definition: str) -> str | None:
        if self.running >= self.bounds.running:
            run = f"{self.running - self.kept} of {self.bounds.running} tasks run"
            first = f", and {self.kept} older {'case comes' if self.kept == 1 else 'cases come'} first"
            return f"{run}{first if self.kept else ''} (limits.running)"
        if (of_it := self.of_definition.get(definition, 0)) >= self.bounds.per_definition:
            ahead = "run or come first" if self.kept else "run"
            return f"{of_it} of {self.bounds.per_definition} tasks of this definition {ahead} (limits.perDefinition)"
        return None

    def _lacks_hour(self, resources: int) -> str | None:
        limit = self.bounds.resources_per_hour
        if resources > limit:
            return f"the plan has {resources} resources; {limit} in an hour are allowed, so it never fits: {_WIDER}"
        if self.queue:
            return f"an older case waits for room in the hour's {limit} resources (limits.resourcesPerHour)"
        if self.hour + resources > limit:
            used = f"{self.hour} of {limit} resources are used up for this hour"
            return f"{used} and the plan has {resources} (limits.resourcesPerHour)"
        return None


_WIDER = "raise limits.resourcesPerHour or lower task.resourceCount"
