"""Every template parses: `python -m tests.infra.syntax [FOLDER]`.

tree-sitter mends what it cannot read and goes on; a mended place is a node ERROR or MISSING. Either fails the file.
"""

import sys
from pathlib import Path

from tests.infra.bicep import INFRA, nodes, parsed


def problems(path: Path) -> list[str]:
    """What of a file does not parse, one sentence for each place."""
    root = parsed(path.read_bytes())
    if not root.has_error:
        return []
    wrong = [node for node in nodes(root) if node.is_error or node.is_missing]
    return [
        f"{path}:{node.start_point.row + 1}:{node.start_point.column + 1}: "
        + (f"{node.type} is missing" if node.is_missing else "this is no Bicep")
        for node in wrong
    ]


def main(folder: Path = INFRA) -> int:
    """Check every template of a folder; 1 where one does not parse, or where there is none."""
    found = sorted(folder.rglob("*.bicep"))
    wrong = [line for path in found for line in problems(path)]
    print("\n".join(wrong) or f"{len(found)} templates parse.")
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
