"""What happens in a run and when, drawn from one seed: the news, its three deliveries, the kills, the faults.

The same seed draws the same story. Processes take their own time over it, so that two runs of one story need not meet
in every detail: what repeats is what is done to the app, not what the app does.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.chaos.places import Vault
from tests.chaos.size import Size

TIMES = 3
_BURST = 2.0  # seconds between the bursts that most deliveries come in
_MOST_AT_ONCE = 12


@dataclass(frozen=True, slots=True)
class News:
    """Azure Policy scans a resource at a time and raises an event; its states show it `lag` seconds later."""

    number: int
    at: float
    vault: Vault
    compliance: str = "NonCompliant"
    lag: float = 0.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """Some events in one request."""

    at: float
    news: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Kill:
    """SIGKILL to a host, and so many seconds until it is started again."""

    at: float
    host: int
    down: float


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is done to the app in one run, in the order of time."""

    seed: int
    news: tuple[News, ...]
    deliveries: tuple[Delivery, ...]
    kills: tuple[Kill, ...]
    pause_at: float
    faults: tuple[dict[str, object], ...]


def story_of(seed: int, size: Size, vaults: Sequence[Vault]) -> Story:
    """The story of a seed."""
    chance = random.Random(seed)
    news = tuple(_news(chance, size, vaults))
    return Story(
        seed=seed,
        news=news,
        deliveries=tuple(_deliveries(chance, size, news)),
        kills=tuple(_kills(chance, size)),
        pause_at=size.sending * chance.uniform(0.5, 0.8),
        faults=tuple(_faults(chance.randrange(2**32), size.faults)),
    )


def _news(chance: random.Random, size: Size, vaults: Sequence[Vault]) -> Iterator[News]:
    """Each resource once, group by group; then some again, better or worse, until there is enough news."""
    begins: dict[str, float] = defaultdict(lambda: chance.uniform(0, 0.5 * size.sending))
    first = [(vault, begins[_group(vault)] + chance.expovariate(1 / 3)) for vault in vaults]
    chance.shuffle(first)
    told = [(at, vault, "NonCompliant", 0.0) for vault, at in first[: size.events]]
    wanted = [(vault, at) for vault, at in first if vault.wanted]
    for vault, at in chance.sample(wanted, size.events - len(told)):
        later = min(at + chance.uniform(0.5, 0.5 * size.sending), 0.95 * size.sending)
        told.append((max(at + 0.2, later), vault, chance.choice(("NonCompliant", "NonCompliant", "Compliant")), 0.0))
    for number, (at, vault, compliance, _) in enumerate(sorted(told, key=lambda one: (one[0], one[1].id))):
        yield News(number, at, vault, compliance, chance.choice((0.0,) * 9 + (chance.uniform(0.3, 2.0),)))


def _group(vault: Vault) -> str:
    return vault.id.partition("/providers/")[0]


def _deliveries(chance: random.Random, size: Size, news: Sequence[News]) -> Iterator[Delivery]:
    """Each event three times: soon, a little later, and much later; most in bursts, in any order within them."""
    moments: dict[float, list[int]] = defaultdict(list)
    for one in news:
        for most in (1.0, 5.0, 0.4 * size.sending):
            at = one.at + chance.uniform(0, most)
            burst = (at // _BURST + 1) * _BURST
            moments[burst if chance.random() < 0.7 else at].append(one.number)
    for at, numbers in sorted(moments.items()):
        chance.shuffle(numbers)
        while numbers:
            many = chance.randint(1, _MOST_AT_ONCE)
            yield Delivery(at, tuple(numbers[:many]))
            del numbers[:many]


def _kills(chance: random.Random, size: Size) -> Iterator[Kill]:
    for number in range(size.kills):
        at = size.kill_every * (number + 1 + chance.uniform(-0.4, 0.4))
        yield Kill(at, chance.randrange(size.hosts), chance.uniform(0.1, 1.0))


def _faults(seed: int, share: float) -> Iterator[dict[str, object]]:
    """What becomes of a share of the calls to Azure. The first that meets a call spoils it; the others never see it."""
    kinds: tuple[tuple[float, dict[str, object]], ...] = (
        (0.06, {"status": 429, "headers": {"Retry-After": "2"}}),
        (0.06, {"status": 429, "headers": {"Retry-After": "7"}}),
        (0.10, {"status": 429}),
        (0.10, {"status": 500}),
        (0.10, {"status": 500, "when": "after"}),
        (0.10, {"status": 503}),
        (0.08, {"delay": "PT1S"}),
        (0.08, {"delay": "PT4S"}),
        (0.08, {"delay": "PT4S", "when": "after"}),
        (0.12, {"reset": True}),
        (0.12, {"reset": True, "when": "after"}),
    )
    for number, (part, kind) in enumerate(kinds):
        yield {**kind, "share": part * share, "seed": seed + number, "times": None}
