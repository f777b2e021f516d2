"""The bench: what an event costs, what a storm does, what a start needs. Ratios within one run, never absolute aims.

    python -m tests.bench [--only NAME …] [--quick] [--json]

Exit 1 where an aim is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tests.bench import admitted, ignored, opened, startup, storm, transactions
from tests.bench.line import Line, show
from tests.bench.site import Site, a_site

MEASURED: dict[str, Callable[[Site, bool], Awaitable[list[Line]]]] = {
    "transactions": lambda site, _quick: transactions.measure(site),
    "ignored": lambda site, quick: ignored.measure(site, ignored.GROWN[:2] if quick else ignored.GROWN),
    "admitted": lambda site, _quick: admitted.measure(site),
    "opened": lambda site, _quick: opened.measure(site),
    "storm": lambda site, quick: storm.measure(site, storm.EVENTS // 5 if quick else storm.EVENTS),
}
STARTUP = "startup"


def main() -> int:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[STARTUP, *MEASURED], default=[STARTUP, *MEASURED])
    parser.add_argument("--json", action="store_true", help="print the lines as JSON")
    parser.add_argument("--quick", action="store_true", help="a smaller storm, and growth up to 10,000 events")
    args = parser.parse_args()
    lines = startup.measure() if STARTUP in args.only else []
    lines += asyncio.run(_on_sites([name for name in MEASURED if name in args.only], args.quick))
    show(lines, as_json=args.json)
    return 1 if any(line.met is False for line in lines) else 0


async def _on_sites(names: Sequence[str], quick: bool) -> list[Line]:
    """Each on a storage of its own: what one leaves behind must not slow the next."""
    lines: list[Line] = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            async with a_site(Path(folder), _say) as site:
                lines += await MEASURED[name](site, quick)
    return lines


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
