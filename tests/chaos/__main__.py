"""`python -m tests.chaos [SEED] [--short] [--keep FOLDER]`: one run of chaos and its table; 1 where a line is not 0."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import Played, play
from tests.chaos.size import FULL, SHORT, Size
from tests.chaos.table import findings, table


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Kill hosts, break Azure, and count.")
    parser.add_argument("seed", nargs="?", type=int, default=random.randrange(10**6), help="of an earlier run")
    parser.add_argument("--short", action="store_true", help="the size that `make test` plays")
    parser.add_argument("--keep", type=Path, help="a folder for traces and logs")
    told = parser.parse_args()
    size: Size = SHORT if told.short else FULL
    print(f"seed {told.seed}: {size.events} events, {size.hosts} hosts, {size.kills} kills", flush=True)
    played = _played(told.keep, told.seed, size)
    print(table(played, told.seed))
    return 1 if any(findings(played).values()) else 0


def _played(keep: Path | None, seed: int, size: Size) -> Played:
    if keep is not None:
        return asyncio.run(play(keep, seed, size))
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(play(Path(folder), seed, size))


if __name__ == "__main__":
    sys.exit(_main())
