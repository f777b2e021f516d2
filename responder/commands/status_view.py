"""The page for the person on duty, for people and as JSON."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from responder.core.duty import Duty, Need, PoisonWaiting, ago
from responder.core.orders import Ordered
from responder.core.progress import Progress
from responder.core.slots import Slots

Document = dict[str, object]
_IDS = 3


def print_status(duty: Duty, needs: tuple[Need, ...], console: Console) -> None:
    """What needs a person first, then everything."""
    if needs:
        many = "1 thing needs a person" if len(needs) == 1 else f"{len(needs)} things need a person"
        console.print(f"{many}:", style="bold red")
        for need in needs:
            console.print(f"  [red]{need.want}[/]: {escape(need.because)} {escape(need.do)}", soft_wrap=True)
    else:
        console.print("All is well: nothing needs a person.", style="bold green")
    table = Table(show_header=False, box=None)
    for name, text in _lines(duty):
        table.add_row(f"[bold]{name}[/]", escape(text))
    console.print(table)


def _lines(duty: Duty) -> Iterator[tuple[str, str]]:
    yield from _under("paused", list(duty.paused_parts) or ["no"])
    yield from _under("cases", _cases(duty))
    yield "slots", _slots(duty.slots, duty.most_slots)
    yield from _under("breakers open", [breaker.definition for breaker in duty.breakers])
    yield from _under("throttled", [f"{where} until {until:%H:%M:%S}: {why}" for where, until, why in duty.throttled])
    yield "dead letters", f"{duty.dead_letters} blob{'' if duty.dead_letters == 1 else 's'} in {duty.container}"
    poison = [[f"{queue.waiting} of {queue.queue}", *queue.because] for queue in duty.poison]
    yield from _under("poison", [line for lines in poison for line in lines])
    if duty.untold:
        yield "outcome events", f"{len(duty.untold)} to be published, the first for {ago(duty.now - min(duty.untold))}"
    yield from _under("sweep", [f"{job.job}: {_when(job, duty)}: {job.note}" for job in duty.sweep])
    yield from _under("last orders", [_order_line(order) for order in duty.orders])


def _order_line(order: Ordered) -> str:
    more = len(order.cases) + order.more - _IDS
    ids = "".join(f" {case[:10]}" for case in order.cases[:_IDS]) + (f" and {more} more" if more > 0 else "")
    return f"{order.at:%Y-%m-%d %H:%M} UTC {order.who}: {order.what}{ids} ({order.why})"


def _under(name: str, lines: list[str]) -> Iterator[tuple[str, str]]:
    yield name, lines[0] if lines else "none"
    for line in lines[1:]:
        yield "", line


def _cases(duty: Duty) -> list[str]:
    counts = sorted(duty.census.counts.items())
    lines = [f"{count} {state}{f' ({reason})' if reason else ''}" for (state, reason), count in counts]
    if not duty.census.complete:
        lines.append("and more that were not counted")
    overdue = duty.census.overdue(duty.now)
    if overdue.total_seconds() >= 1:
        lines.append(f"the one that waits longest has been due for {ago(overdue)}")
    return lines


def _slots(slots: Slots | None, most: int | None) -> str:
    if slots is None:
        return "unknown"
    limit = f" of {most}" if most is not None else ""
    return f"{len(slots.holders)}{limit} used, {len(slots.waiters)} cases wait"


def _when(job: Progress, duty: Duty) -> str:
    return f"{ago(duty.now - job.at)} ago" if job.at else "never"


def document_of(duty: Duty, needs: tuple[Need, ...]) -> Document:
    """The same for programs."""
    slots = duty.slots
    return {
        "well": not needs,
        "needs": [{"want": need.want.value, "because": need.because, "do": need.do} for need in needs],
        "paused": list(duty.paused),
        "cases": [
            {"state": state, "reason": reason, "count": count}
            for (state, reason), count in sorted(duty.census.counts.items())
        ],
        "casesComplete": duty.census.complete,
        "oldestDueSeconds": round(duty.census.overdue(duty.now).total_seconds()),
        "slots": {"used": len(slots.holders), "limit": duty.most_slots, "waiting": len(slots.waiters)}
        if slots
        else None,
        "breakersOpen": [breaker.definition for breaker in duty.breakers],
        "throttled": [
            {"subscription": where, "until": until.isoformat(), "because": why} for where, until, why in duty.throttled
        ],
        "deadLetters": {"container": duty.container, "blobs": duty.dead_letters},
        "poison": [_poison(queue) for queue in duty.poison],
        "outcomeEventsWaiting": len(duty.untold),
        "sweep": [
            {"job": job.job, "at": job.at.isoformat() if job.at else None, "note": job.note} for job in duty.sweep
        ],
        "orders": [_order(order) for order in duty.orders],
    }


def _poison(queue: PoisonWaiting) -> Document:
    return {
        "queue": queue.queue,
        "waiting": queue.waiting,
        "reasons": dict(queue.reasons),
        "because": list(queue.because),
    }


def _order(order: Ordered) -> Document:
    cases = len(order.cases) + order.more
    return {
        "at": order.at.isoformat(),
        "who": order.who,
        "what": order.what,
        "why": order.why,
        "cases": cases,
        "ids": list(order.cases),
    }
