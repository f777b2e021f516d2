"""Two versions of the rules beside each other, as while a new version of the app is rolled out.

Each host deals with a change of the rules: it lets cases go and has plans made anew. With two versions at work each
would undo the other's plans at every tick. So a version that was dealt with, or gave way, within the last hour is no
change; and a version that came is dealt with once more after that hour: hosts of the one before may have gone on.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from responder.core import instant

BESIDE = timedelta(hours=1)

Versions = Mapping[str, datetime]
"""When each version of the rules, by its digest, was last dealt with or gave way. One alone is all there is to know."""


def to_be_dealt_with(versions: Versions, present: str, now: datetime) -> bool:
    """Whether these rules are a change."""
    if present not in versions:
        return True
    return len(versions) > 1 and now - versions[present] >= BESIDE


def dealt_with(versions: Versions, present: str, now: datetime) -> Versions:
    """The versions after these rules were dealt with; one that was alone until now gives way now."""
    gave_way = dict.fromkeys(versions, now) if len(versions) == 1 else versions
    recent = {digest: at for digest, at in gave_way.items() if now - at < BESIDE}
    return {**recent, present: now}


def written(versions: Versions) -> str:
    """The versions as a job of the sweep keeps them."""
    return "\n".join(f"{digest} {instant.of(at)}" for digest, at in versions.items())


def read(text: str) -> Versions:
    """What was kept; a digest without a time, as older versions of the app kept it, was dealt with long ago."""
    lines = (line.split() for line in text.splitlines() if line.strip())
    return {words[0]: instant.moment(int(words[1]) if len(words) > 1 else 0) for words in lines}
