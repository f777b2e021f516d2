"""What a person asked of the simulator and cannot have: one sentence that says why."""


class BadInput(Exception):
    """A control request, an estate file or a flag that makes no sense."""
