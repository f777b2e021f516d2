"""`python -m tests.model`: goes through the whole model and shows the shortest way into each mistake.

With `--parts` it goes through what the tests go through.
"""

import argparse
import sys
import time

from tests.model.explorer import Report, explore
from tests.model.protocol import Protocol
from tests.model.scenarios import LIMITS, LIMITS_PART, MISTAKES, NOT_CLOSED, PARTS, WHOLE


def main(arguments: list[str]) -> int:
    """Print the figures and the counterexamples; 1 where the design is wrong or a mistake was not found."""
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("--parts", action="store_true", help="what the tests go through; half a minute")
    parts = parser.parse_args(arguments).parts
    good = True
    print(f"{'worlds':>10} {'steps':>10} {'ends':>6} {'seconds':>8}")
    for scenario in PARTS if parts else WHOLE:
        began = time.monotonic()
        good &= _line(explore(Protocol(scenario)), scenario.name, began)
    for name, limits in LIMITS_PART if parts else LIMITS:
        began = time.monotonic()
        good &= _line(explore(limits), name, began)
    for mistake in (*MISTAKES, *NOT_CLOSED):
        report = mistake.found()
        good &= bool(report.wrong)
        print(f"\nWhere {mistake.what}: {report.wrong or 'NOTHING WAS FOUND'}\n", flush=True)
        _print_way(report)
    return 0 if good else 1


def _line(report: Report, name: str, began: float) -> bool:
    print(
        f"{report.worlds:>10,} {report.steps:>10,} {report.ends:>6} {time.monotonic() - began:>8.1f}  {name}",
        flush=True,
    )
    if report.wrong:
        print(f"\n{report.wrong}\n")
        _print_way(report)
    return not report.wrong


def _print_way(report: Report) -> None:
    for number, step in enumerate(report.trace, 1):
        print(f"  {number:>2}. {step}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
