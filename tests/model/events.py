"""An event's handler, step by step (E1 to E4), and what may befall it.

A read that is followed by a write under its ETag, and begun again on a conflict, is one step here: nothing else
happens in between, and a try that fails changes nothing. An acknowledgement that is lost is a second delivery.
"""

from collections.abc import Iterator

from responder.core.case import State
from tests.model.world import (
    Case,
    Delivery,
    Design,
    Lease,
    Row,
    Scenario,
    World,
    case_name,
    moved,
    replaced,
    sent,
    told,
    with_row,
)

Steps = Iterator[tuple[str, World]]
OVER = Delivery("acknowledged")


def event_steps(scenario: Scenario, design: Design, world: World) -> Steps:
    """What each handler of an event may do next."""
    for number, event in enumerate(world.events):
        news = scenario.deliveries[number]
        me = f"event {number + 1}"
        match event.at:
            case "" if world.scanned[news] >= 0:
                yield _heard(scenario, design, world, number)
            case "E2":
                words, after, sends = tell(design, world, event.case, scenario.news[news].bad)
                here = Delivery("E4", event.case, sends=True) if sends else OVER
                yield f"{me} {words}", _at(after, number, here)
            case "E4":
                after = sent(world, event.case) if event.sends else world
                yield f"{me} puts the ticket on the queue (E4)", _at(after, number, OVER)
        if world.crashes and event.at in ("E2", "E4"):
            died = _at(world, number, Delivery())._replace(crashes=world.crashes - 1)
            yield f"{me}: its handler dies; it will be delivered again", died


def _at(world: World, number: int, event: Delivery) -> World:
    return world._replace(events=replaced(world.events, number, event))


def _heard(scenario: Scenario, design: Design, world: World, number: int) -> tuple[str, World]:
    """E1: the resource's row, inserted or merged; an event never changes the case that the row names."""
    news = scenario.deliveries[number]
    resource, bad = scenario.news[news].resource, scenario.news[news].bad
    row, scan = world.rows[resource], (world.scanned[news], news)
    words = f"event {number + 1} ({'non-compliant' if bad else 'compliant'}) writes the row of r{resource + 1} (E1)"
    known = row is not None and scan <= row.scan
    if known:
        words = f"event {number + 1} finds its news in the row of r{resource + 1} (E1)"
    elif row is None and not bad:
        return f"event {number + 1} is good news of a stranger", _at(world, number, OVER)
    else:
        row = Row(0, scan, bad) if row is None else row._replace(scan=scan, bad=bad)
        world = with_row(world, resource, row)
    assert row is not None
    over = (bad and not row.pending) or (known and design.skips_duplicates)
    return words, _at(world, number, OVER if over else Delivery("E2", row.case))


def tell(design: Design, world: World, number: int, bad: bool) -> tuple[str, World, bool]:
    """E2 and E3: the case absorbs the news; whether anything was written, and so is to be sent."""
    case = world.cases[number]
    name = case_name(number)
    if case is None or case.state is State.CLOSED:
        if not bad:
            return f"leaves the case of {name} alone", world, False
        round_ = case.round + 1 if case else 1
        return f"begins the case of {name} (E3)", moved(world, number, Case(round_, news=True)), True
    if _silent(design, case):
        return f"reads the case of {name} ({case.state}, {_flags(case)}) and is silent (E2)", world, False
    return f"sets `news` on the case of {name} (E3)", told(world, number, case._replace(news=True)), True


def _silent(design: Design, case: Case) -> bool:
    match design.silent_by:
        case "state":
            return case.state is State.GATHERING
        case "lease":
            return case.lease is Lease.RUNS
        case _:
            return case.news


def _flags(case: Case) -> str:
    claimed = {Lease.NONE: "unclaimed", Lease.RUNS: "claimed", Lease.OVER: "its lease is over"}[case.lease]
    return f"`news` {'set' if case.news else 'clear'}, {claimed}"
