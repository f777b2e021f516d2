"""What changes between two rules files, over the same states: for a pull request.

Two files that both observe are compared as if both enforced, because their plans are what is under review. Where the
modes differ each file counts as what it says: setting `mode: enforce` makes every resource of a plan newly remediated.
"""

from dataclasses import dataclass, field, replace

from responder.core.arrangement import Arranged, Fate, Placed
from responder.core.decision import Answer
from responder.core.rules import Rules
from responder.core.survey import Share
from responder.core.survey_document import VERSION, Read, share_line
from responder.core.survey_lines import ChangeDocument, ChangeLine

Shares = dict[tuple[str, str, str], Share]
"""By the old rule, the new rule and the assignment; "" stands for no task."""


@dataclass(slots=True)
class Change:
    """The counts. Add every place once, as it is under both files."""

    states: int = 0
    newly: Shares = field(default_factory=dict)
    no_longer: Shares = field(default_factory=dict)
    other_rule: Shares = field(default_factory=dict)

    @property
    def newly_remediated(self) -> int:
        """How many resources get a task under the new file and got none under the old."""
        return _sum(self.newly)

    def add(self, old: Arranged, new: Arranged) -> None:
        """Compare one place; both hold the same resources in the same order."""
        for before, after in zip(old.placed, new.placed, strict=True):
            self.states += 1
            self._add_resource(before, after)

    def _add_resource(self, before: Placed, after: Placed) -> None:
        was, now = _rule_of(before), _rule_of(after)
        if was == now:
            return
        shares = self.other_rule if was and now else self.newly if now else self.no_longer
        assignment = after.judged.state.policy.assignment.text
        shares.setdefault((was, now, assignment), Share()).add(after, after.because)


def compared(old: Rules, new: Rules) -> tuple[Rules, Rules]:
    """Both as they are to be judged."""
    return (enforced(old), enforced(new)) if old.mode == new.mode else (old, new)


def enforced(rules: Rules) -> Rules:
    """The rules as they would be in mode enforce: a survey tells what *would* be opened."""
    return replace(rules, mode="enforce")


def change_document(change: Change, old: Rules, new: Rules, read: Read) -> ChangeDocument:
    """The comparison as a document."""
    return {
        "version": VERSION,
        "scopes": list(read.scopes),
        "mode": {"old": old.mode, "new": new.mode},
        "totals": {
            "nonCompliant": change.states,
            "unreadable": read.unreadable,
            "newlyRemediated": change.newly_remediated,
            "noLongerRemediated": _sum(change.no_longer),
            "otherRule": _sum(change.other_rule),
        },
        "newlyRemediated": _lines(change.newly),
        "noLongerRemediated": _lines(change.no_longer),
        "otherRule": _lines(change.other_rule),
    }


def _rule_of(placed: Placed) -> str:
    """The rule that opens a task for it; one that asks for approval first is another rule than one that does not."""
    if placed.fate is not Fate.OPENED:
        return ""
    decision = placed.judged.decision
    return f"{decision.rule} (asks)" if decision.answer is Answer.ASK else decision.rule


def _sum(shares: Shares) -> int:
    return sum(share.resources for share in shares.values())


def _lines(shares: Shares) -> list[ChangeLine]:
    ordered = sorted(shares.items(), key=lambda each: (-each[1].resources, each[0]))
    return [
        {"oldRule": old, "newRule": new, "assignment": assignment, **share_line(share)}
        for (old, new, assignment), share in ordered
    ]
