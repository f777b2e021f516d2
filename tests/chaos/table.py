"""The table that a run ends with: what was done, and nine lines that must be 0."""

from collections import Counter
from collections.abc import Mapping

from tests.chaos.checks import CHECKS
from tests.chaos.run import Played

_SHOWN = 5


def findings(played: Played) -> Mapping[str, list[str]]:
    """What each check found, by the name of its line."""
    return {name: check(played.evidence) for name, check in CHECKS.items()}


def table(played: Played, seed: int) -> str:
    """The table, with the first findings of each line below it."""
    found = findings(played)
    lag = f"this machine was up to {played.evidence.lag.total_seconds():.1f} s late"
    lines = [f"seed {seed}, {played.seconds:.0f} s; {lag}", *_done(played), ""]
    lines += [f"  {name:32}{len(each):6}" for name, each in found.items()]
    lines += [f"    {name}: {one}" for name, each in found.items() for one in each[:_SHOWN]]
    return "\n".join(lines)


def _done(played: Played) -> list[str]:
    seen = played.evidence
    outcomes = Counter(str(case.reason or case.outcome) for case in played.cases)
    busy = sum(call.method == "PUT" and call.status == 400 for call in seen.calls)
    counts = {
        "events sent": len(seen.events),
        "events decided": sum(event.id in seen.decided for event in seen.events),
        "deliveries (requests)": played.posts,
        "delivered again": played.repeats,
        "hosts killed": len(seen.deaths),
        "calls to Azure": len(seen.calls),
        "of them spoiled": played.spoiled,
        "told to wait": sum(bool(call.retry_after) for call in seen.calls),
        "tasks opened": len(seen.tasks),
        "PUTs that Azure refused": busy,
        "resources deployed to": sum(len(task.deployed) for task in seen.tasks),
    }
    ended = ", ".join(f"{count} {what}" for what, count in outcomes.most_common())
    return [*(f"  {name:32}{count:6}" for name, count in counts.items()), f"  cases: {ended}"]
