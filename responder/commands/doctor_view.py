"""What the doctor found, for people and as JSON. Commands stand on lines of their own, so that they can be copied."""

from itertools import groupby

from rich.console import Console
from rich.markup import escape

from responder.core.doctor import Finding, Verdict

COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.WRONG: "red", Verdict.NOT_CHECKED: "cyan"}
_GRAVEST_FIRST = (Verdict.WRONG, Verdict.WARNING, Verdict.NOT_CHECKED, Verdict.OK)
_WIDTH = max(map(len, Verdict))


def print_findings(findings: list[Finding], console: Console) -> None:
    """Section by section, and a last line that counts."""
    for section, found in groupby(findings, lambda each: each.section):
        console.print(f"[bold]{section}[/]")
        for each in found:
            verdict = f"[{COLOURS[each.verdict]}]{each.verdict:<{_WIDTH}}[/]"
            console.print(f"  {verdict}  {each.check}: {escape(each.because)}", soft_wrap=True)
            for command in each.mend.splitlines() if each.verdict is not Verdict.OK else ():
                console.print(f"    {'':<{_WIDTH}}$ {escape(command)}", soft_wrap=True, highlight=False)
    console.print(_sum(findings), style="bold")


def _sum(findings: list[Finding]) -> str:
    counts = {verdict: sum(each.verdict is verdict for each in findings) for verdict in Verdict}
    if counts[Verdict.OK] == len(findings):
        return "All is well."
    told = (f"{counts[verdict]} {verdict}" for verdict in _GRAVEST_FIRST if counts[verdict])
    return ", ".join(told) + "."


def document_of(findings: list[Finding]) -> list[dict[str, str]]:
    """The same for programs."""
    return [
        {
            "section": each.section.value,
            "check": each.check.value,
            "verdict": each.verdict.value,
            "because": each.because,
            "mend": each.mend,
        }
        for each in findings
    ]
