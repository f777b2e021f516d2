"""Whether telemetry is taken: one line of log when that ends and one when it begins again, whatever the exporters say.

The exporters log each failure, some with everything that they were to send, and the SDK each span that it drops: an
outage would be a flood of lines, which are telemetry again. So their loggers are listened to, and only the last word of
each is kept, for the one line that is told.
"""

import logging
import threading
import time
from collections.abc import Callable

from responder.adapters.arm_error import printable
from responder.adapters.log_export import LOGGER

_TALKATIVE = ("azure.monitor.opentelemetry", "opentelemetry")
_SAID_AGAIN_AFTER = 600.0  # seconds
_LONGEST = 300
_FULL = "Queue full"
_log = logging.getLogger(LOGGER)


class Watch:
    """Looks whether one destination takes what it is sent. Exporters of several threads tell it."""

    def __init__(self, destination: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._destination = destination
        self._clock = clock
        self._failing: set[str] = set()
        self._told_at: float | None = None
        self._told = False
        self._lock = threading.Lock()

    @property
    def failing(self) -> bool:
        """Whether it did not take something the last time."""
        return bool(self._failing)

    def saw(self, kind: str, taken: bool, why: str) -> None:
        """Something of a kind (`spans`, `logs`, `metrics`) was taken or was not, and what the exporter said."""
        with self._lock:
            before = bool(self._failing)
            (self._failing.discard if taken else self._failing.add)(kind)
            began, ended = not before and bool(self._failing), before and not self._failing
            tell = (began and self._may_tell()) or (ended and self._told)
            if tell:
                self._told = began
        if tell:
            self._tell(kind, began, why)

    def _may_tell(self) -> bool:
        now = self._clock()
        if self._told_at is not None and now - self._told_at < _SAID_AGAIN_AFTER:
            return False
        self._told_at = now
        return True

    def _tell(self, kind: str, began: bool, why: str) -> None:
        if not began:
            _log.info("%s takes telemetry again", self._destination)
            return
        because = why or "it answered that it does not"
        words = "%s does not take telemetry (%s); the work goes on, and nothing more is said until it does: %s"
        _log.warning(words, self._destination, kind, because)


class LastWord(logging.Handler):
    """Listens to the exporters' loggers instead of the host, and keeps the last word of each thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._words = threading.local()
        self._full = False

    def begin(self) -> None:
        """From now on, in this process."""
        for name in _TALKATIVE:
            logging.getLogger(name).addHandler(self)
            logging.getLogger(name).propagate = False

    def end(self) -> None:
        """No more; the host hears them again once nobody listens here."""
        for logger in map(logging.getLogger, _TALKATIVE):
            logger.removeHandler(self)
            logger.propagate = not any(isinstance(handler, LastWord) for handler in logger.handlers)

    def handle(self, record: logging.LogRecord) -> bool:
        """Without a lock: what is kept is the thread's own, and what is told would wait for another's lock."""
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it; the first time that a queue is full is told."""
        if str(record.msg).startswith(_FULL):
            self._tell_full()
        else:
            self._words.last = printable(record.getMessage().partition("{")[0], _LONGEST)

    def take(self) -> str:
        """What this thread's exporter said since this was last asked."""
        word = getattr(self._words, "last", "")
        self._words.last = ""
        return word

    def _tell_full(self) -> None:
        if not self._full:
            self._full = True
            _log.warning("more telemetry is told than can be sent: the oldest of it is dropped, and counts stay right")
