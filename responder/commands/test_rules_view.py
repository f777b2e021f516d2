"""What became of the tests of a rules file, for people and as JSON."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from responder.commands.terminal import Terminal
from responder.core.rules_tests import Verdict

_MARKS = {True: "applies", False: "does not", None: "unknown"}


def show(file: str, verdicts: Sequence[Verdict]) -> None:
    """Each test in a line; what differs below it, with the way the rules went."""
    console = Terminal(soft_wrap=True)
    for verdict in verdicts:
        _show(console, file, verdict)
    failed = sum(1 for each in verdicts if each.differences)
    many = "1 test" if len(verdicts) == 1 else f"{len(verdicts)} tests"
    told = f"{failed} of {many} failed" if failed else f"{many} passed"
    console.print(Text(told, style="bold red" if failed else "bold green"))


def document_of(file: str, verdict: Verdict) -> dict[str, object]:
    """One test as JSON."""
    return {
        "name": verdict.test.name,
        "file": file,
        "line": verdict.test.line,
        "passed": not verdict.differences,
        "differences": [
            {"key": each.key, "expected": each.expected, "found": each.found} for each in verdict.differences
        ],
        "found": dict(verdict.found),
        "because": verdict.because,
    }


def _show(console: Console, file: str, verdict: Verdict) -> None:
    if not verdict.differences:
        console.print(Text.assemble(("✓ ", "green"), verdict.test.name))
        return
    console.print(
        Text.assemble(("✗ ", "red"), (verdict.test.name, "bold"), (f"  {file}:{verdict.test.line}", "bright_black"))
    )
    for each in verdict.differences:
        found = each.found or "none"
        console.print(
            Text.assemble(f"    {each.key:<6}  expected ", (each.expected, "green"), ", found ", (found, "red"))
        )
    console.print(Text(f"    {verdict.because}", style="bright_black"))
    for tried in verdict.considered:
        console.print(Text(f"      {tried.rule} ({_MARKS[tried.applies]}): {tried.because}", style="bright_black"))
