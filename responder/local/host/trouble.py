"""What keeps the host from running, in one sentence a person can act on."""


class HostError(Exception):
    """The host cannot start. The message says what, which, and what to do; `detail` is for --verbose."""

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail
