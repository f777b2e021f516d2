"""For how long each switch that is set has been set: a pause that nobody remembers stops the app like an outage.

A missing switch of the app counts as a pause of it, and a row that cannot be understood as one of everything; since
when is not written anywhere, so whoever asks says when that was first seen.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from responder.core import instant
from responder.core.switch import THE_APP, Switch, SwitchKind, Unclear

UNCLEAR = "unclear"
"""How a row that cannot be understood is called."""


def pauses(
    switches: Iterable[Switch | Unclear], now: datetime, unknown_since: datetime | None = None
) -> dict[str, timedelta]:
    """How long each pause has lasted: `app`, `rule:NAME`, `assignment:ID`, `subscription:ID`, `unclear`."""
    set_at = _since(switches)
    return {name: max(timedelta(), now - (since or unknown_since or now)) for name, since in set_at.items()}


def unknown(switches: Iterable[Switch | Unclear]) -> bool:
    """Whether there is a pause of which nothing says when it began."""
    return None in _since(switches).values()


def _since(switches: Iterable[Switch | Unclear]) -> dict[str, datetime | None]:
    known = list(switches)
    there = any(isinstance(switch, Switch) and switch.scope == THE_APP for switch in known)
    return dict([*_set(known), *([] if there else [(SwitchKind.APP.value, None)])])


def _set(switches: Iterable[Switch | Unclear]) -> Iterator[tuple[str, datetime | None]]:
    for switch in switches:
        if isinstance(switch, Unclear):
            yield UNCLEAR, None
        elif switch.paused:
            name = f"{switch.scope.kind}:{switch.scope.name}"
            yield (SwitchKind.APP.value if switch.scope == THE_APP else name), _time(switch.at)


def _time(at: str) -> datetime | None:
    try:
        return instant.moment(instant.ticks(at))
    except ValueError:
        return None
