"""What the app logs, told to where its telemetry goes, too: everything on the logger `responder` from INFO up.

Other loggers stay on this machine: those of Azure's SDKs tell every request. What an exporter says while it sends is
not sent by it.
"""

import logging
from collections.abc import Callable

LOGGER = "responder"


class LogExport(logging.Handler):
    """Hands each line on; `begin` and `end` say from when to when."""

    def __init__(self, tell: Callable[[logging.LogRecord], None]) -> None:
        super().__init__(logging.INFO)
        self._tell = tell
        self.addFilter(lambda record: record.name == LOGGER)  # a host on this machine logs below it

    def begin(self) -> None:
        """From now on."""
        logger = logging.getLogger(LOGGER)
        if not logger.isEnabledFor(logging.INFO):
            logger.setLevel(logging.INFO)
        logger.addHandler(self)

    def end(self) -> None:
        """No more."""
        logging.getLogger(LOGGER).removeHandler(self)

    def handle(self, record: logging.LogRecord) -> bool:
        """Without a lock: who takes the lines may be told by several threads, and may have to log itself."""
        if not self.filter(record):
            return False
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """One line; never raises, because nothing that is told may."""
        self._tell(record)
