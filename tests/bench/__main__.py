"""The bench: what an event costs, what a storm does, what a start needs. Ratios within one run, never absolute aims.

    python -m tests.bench [--only NAME …] [--json]

Exit 1 where an aim is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench import admitted, ignored, opened, startup, storm, transactions
from tests.bench.line import Line, show
from tests.bench.site import a_site

MEASURED = {
    "transactions": transactions.measure,
    "ignored": ignored.measure,
    "admitted": admitted.measure,
    "opened": opened.measure,
    "storm": storm.measure,
}
STARTUP = "startup"


def main() -> int:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[STARTUP, *MEASURED], default=[STARTUP, *MEASURED])
    parser.add_argument("--json", action="store_true", help="print the lines as JSON")
    args = parser.parse_args()
    lines = startup.measure() if STARTUP in args.only else []
    lines += asyncio.run(_on_sites([name for name in MEASURED if name in args.only]))
    show(lines, as_json=args.json)
    return 1 if any(line.met is False for line in lines) else 0


async def _on_sites(names: Sequence[str]) -> list[Line]:
    """Each on a storage of its own: what one leaves behind must not slow the next."""
    lines: list[Line] = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            async with a_site(Path(folder), _say) as site:
                lines += await MEASURED[name](site)
    return lines


def _say(what: str) -> None:
    print(f"… {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
