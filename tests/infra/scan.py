"""checkov over the templates: `python -m tests.infra.scan CHECKOV [FOLDER]`; CHECKOV is the program to run.

checkov counts a file that it cannot parse as no failure at all, and one that it never opened as well. So its list of
parsing errors is read, and its bill of materials must name each resource that a template declares.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.infra.bicep import INFRA

_WITHIN = 300.0
_DECLARED = re.compile(r"^[ \t]*resource[ \t]+(\w+)[ \t]+'([^'@]+)@[^']+'[ \t]*(existing)?", re.MULTILINE)


class NoScan(Exception):
    """checkov did not end with a report; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What checkov reports: its findings, and its bill of materials."""

    report: Mapping[str, Any]
    materials: Mapping[str, Any]


def scanned(checkov: str, folder: Path) -> Scan:
    """Run checkov, offline; raises `NoScan`."""
    with tempfile.TemporaryDirectory() as out:
        options = ("--framework", "bicep", "--skip-download", "--compact", "--soft-fail")
        outputs = ("-o", "json", "-o", "cyclonedx_json", "--output-file-path", out)
        command = (checkov, "--directory", str(folder), *options, *outputs)
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_WITHIN)
        report, materials = Path(out, "results_json.json"), Path(out, "results_cyclonedx.json")
        if done.returncode or not report.exists() or not materials.exists():
            raise NoScan(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-2000:]}")
        return Scan(json.loads(report.read_text()), json.loads(materials.read_text()))


def problems(scan: Scan, declared: Mapping[str, Sequence[str]]) -> list[str]:
    """What is wrong, one line each. `declared`: for each file, as checkov writes it, its resources."""
    results = scan.report.get("results", {})
    unread = [f"{path}: checkov cannot parse it" for path in results.get("parsing_errors", [])]
    failed = [
        f"{found['file_path']}:{found['file_line_range'][0]}: {found['check_id']} {found['resource']}: "
        f"{found['check_name']}"
        for found in results.get("failed_checks", [])
    ]
    seen = {f"{part['name']} {part['bom-ref']}" for part in scan.materials.get("components", [])}
    missed = [
        f"{path}: checkov did not scan {resource}"
        for path, resources in declared.items()
        for resource in resources
        if not any(each.startswith(f"{resource} ") and f"{path}/{resource}@" in each for each in seen)
    ]
    return [*unread, *failed, *missed]


def declared_in(folder: Path) -> dict[str, list[str]]:
    """Each template below a folder, as `/path`, with the resources that it declares, as `type.name`."""
    return {
        f"/{path.relative_to(folder).as_posix()}": [
            f"{kind}.{name}" for name, kind, existing in _DECLARED.findall(path.read_text("utf-8")) if not existing
        ]
        for path in sorted(folder.rglob("*.bicep"))
    }


def main(checkov: str, folder: Path = INFRA) -> int:
    """Scan a folder; 1 where anything is wrong."""
    declared = declared_in(folder)
    try:
        scan = scanned(checkov, folder)
    except (NoScan, subprocess.TimeoutExpired) as error:
        print(error)
        return 1
    wrong = problems(scan, declared)
    skipped = len(scan.report.get("results", {}).get("skipped_checks", []))
    count = sum(map(len, declared.values()))
    print("\n".join(wrong) or f"checkov passes {count} resources in {len(declared)} templates; {skipped} skips.")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(Path, sys.argv[2:3])))
