"""What is gone through: the scenarios, and each wrong design with the scenario that shows it soonest."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from tests.model.explorer import Report, explore
from tests.model.protocol import Protocol
from tests.model.slots import Limits, LimitsDesign, LimitsProtocol
from tests.model.world import Design, News, Scenario

TWICE = (News(0), News(0))
PAIR = (News(0), News(1))
THREE = (News(0), News(1), News(2))

WHOLE = (
    Scenario("one event, delivered twice", (News(0),), (0, 0)),
    Scenario("the same resource twice", TWICE, (0, 1)),
    Scenario("two resources of one group", PAIR, (0, 1)),
    Scenario("non-compliant, then compliant", (News(0), News(0, bad=False)), (0, 1)),
    Scenario("a task that shows late, a plan that grows old", (News(0),), (0,), late=True),
    Scenario("a hand-over", (News(0),), (0,), splits=True),
    Scenario("three resources, one remediated by each task", THREE, (), count=1, known=True),
)
"""Two events, two workers, a sweep, and one of them dies at any step."""


def _less(scenario: Scenario) -> tuple[Scenario, Scenario]:
    """The same without the sweep and without a death; and with both, but one worker less."""
    return (
        replace(scenario, name=f"{scenario.name}; nobody dies", crashes=0, sweep=False),
        replace(scenario, name=f"{scenario.name}; one worker", workers=1),
    )


PARTS = tuple(part for scenario in WHOLE for part in _less(scenario))
"""What fits into the tests."""

LIMITS = (
    ("two cases and one slot; one worker dies", LimitsProtocol(start=Limits(crashes=1, news=0))),
    ("two cases and one slot; a case begins another round", LimitsProtocol(start=Limits(crashes=0, news=1))),
)
LIMITS_PART = (("two cases and one slot; nobody dies", LimitsProtocol(start=Limits(crashes=0, news=0))),)

_ALONE = Scenario("alone", (News(0),), (0,), workers=1, crashes=0, sweep=False)
_PAIR = replace(_ALONE, news=PAIR, deliveries=(0, 1))
_MENDED = replace(_ALONE, news=(News(0), News(0, bad=False), News(1)), deliveries=(0, 2))
"""A resource that becomes compliant by itself before it is confirmed, and its neighbour's news."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One way to build it wrong, and the shortest way to where it goes wrong."""

    what: str
    found: Callable[[], Report]


def _wrong(what: str, scenario: Scenario, design: Design) -> Mistake:
    return Mistake(what, partial(explore, Protocol(scenario, design, named=True)))


def _over(what: str, design: LimitsDesign, crashes: int = 0) -> Mistake:
    return Mistake(what, partial(explore, LimitsProtocol(design, Limits(crashes=crashes, news=0), named=True)))


_ONE_EACH = replace(_ALONE, deliveries=(), count=1, known=True)

MISTAKES = (
    _wrong("a worker lists before it claims", _MENDED, Design(lists_first=True)),
    _wrong("an event is silent because of the case's state", _MENDED, Design(silent_by="state")),
    _wrong("an event is silent because of a lease", _PAIR, Design(silent_by="lease")),
    _wrong("a plan is computed again within a round", _PAIR, Design(plans_again=True)),
    _wrong(
        "a duplicate is acknowledged without reading the case",
        replace(_ALONE, crashes=1),
        Design(skips_duplicates=True),
    ),
    _wrong("a hand-over tells the new case first", replace(_ALONE, splits=True, workers=2), Design(tells_first=True)),
    _wrong("what was remediated is forgotten with the round", replace(_ONE_EACH, news=PAIR), Design(forgets=True)),
    _wrong("a round in vain is no attempt", replace(_ONE_EACH, news=THREE), Design(counts_nothing=True)),
    _wrong("there is no sweep", replace(_ALONE, crashes=1), Design()),
    _over("a slot is taken before the case says `opening`", LimitsDesign(takes_early=True)),
    _over("the sweep reads the case before the limits", LimitsDesign(reads_case_first=True)),
    _over("a slot is given back after the lease", LimitsDesign(gives_back_late=True)),
    _over("a slot is given back on a 404 alone", LimitsDesign(trusts_404=True), crashes=1),
)

NOT_CLOSED = (
    _wrong("a worker freezes between its last check and its PUT", replace(_ALONE, workers=2), Design(freezes=True)),
    _wrong(
        "a task shows late and ends between a look and a PUT",
        replace(_ALONE, crashes=1, sweep=True, late=True, quick=True),
        Design(),
    ),
)
"""What the protocol leaves open: the same plan is run once more, and finds nothing left to do."""
