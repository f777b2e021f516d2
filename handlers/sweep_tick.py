"""It is time to look for what stands still, and after what no event brings."""

from responder.sweep import tick
from responder.wiring import Parts


async def handle(sweep: str, parts: Parts) -> None:
    """One tick; `sweep` is its schedule (NCRONTAB), which says how long two ticks are."""
    try:
        await tick(parts, sweep, parts.clock())
    finally:
        await parts.telemetry.flush_all()
