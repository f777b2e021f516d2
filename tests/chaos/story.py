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
_BAD, _GOOD = "NonCompliant", "Compliant"
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
class Meddling:
    """Somebody changes one resource of a task that has just been opened: `pick` (0 to 1) says which of its scope.

    `changes`: what Azure Policy finds, and how many seconds after the task was opened.
    """

    task: int  # by the order in which they are opened
    pick: float
    changes: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is done to the app in one run, in the order of time."""

    seed: int
    news: tuple[News, ...]
    deliveries: tuple[Delivery, ...]
    kills: tuple[Kill, ...]
    meddling: tuple[Meddling, ...]
    pause_after: int  # so many tasks were opened
    faults: tuple[dict[str, object], ...]


def story_of(seed: int, size: Size, vaults: Sequence[Vault]) -> Story:
    """The story of a seed."""
    chance = random.Random(seed)
    meddling = tuple(_meddling(chance, size))
    news = tuple(_news(chance, size, vaults, size.events - sum(len(each.changes) for each in meddling)))
    return Story(
        seed=seed,
        news=news,
        deliveries=tuple(_deliveries(chance, size, news)),
        kills=tuple(_kills(chance, size)),
        meddling=meddling,
        pause_after=chance.randint(size.pause_after // 2, size.pause_after),
        faults=tuple(_faults(chance.randrange(2**32), size.faults)),
    )


def _news(chance: random.Random, size: Size, vaults: Sequence[Vault], events: int) -> Iterator[News]:
    """Each resource once, group by group; then some again, until there is enough news."""
    begins: dict[str, float] = defaultdict(lambda: chance.uniform(0, 0.5 * size.sending))
    first = [(vault, begins[_group(vault)] + chance.expovariate(1 / 3)) for vault in vaults]
    chance.shuffle(first)
    told = [(at, vault, _BAD) for vault, at in first]
    again = chance.sample([(vault, at) for vault, at in first if vault.wanted], events - len(told))
    while len(told) < events:
        told += _again(chance, size, *again.pop())
    told = sorted(told[:events], key=lambda one: (one[0], one[1].id))
    for number, (at, vault, compliance) in enumerate(told):
        yield News(number, at, vault, compliance, chance.choice((0.0,) * 9 + (chance.uniform(0.3, 2.0),)))


def _again(chance: random.Random, size: Size, vault: Vault, at: float) -> list[tuple[float, Vault, str]]:
    """Somebody changes it once more: for the worse, for the better, or for the better and then for the worse."""
    later = max(at + 0.2, min(at + chance.uniform(0.5, 0.3 * size.sending), 0.9 * size.sending))
    worse = later + chance.uniform(0.2, 3)
    return chance.choice(
        ([(later, vault, _BAD)], [(later, vault, _GOOD)], [(later, vault, _GOOD), (worse, vault, _BAD)])
    )


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
    """More than are needed: where a busy machine takes longer to deliver, hosts go on dying."""
    for number in range(int(size.patience / size.kill_every)):
        at = size.kill_every * (number + 1 + chance.uniform(-0.4, 0.4))
        yield Kill(at, chance.randrange(size.hosts), chance.uniform(0.1, 1.0))


def _meddling(chance: random.Random, size: Size) -> Iterator[Meddling]:
    """Before the task has looked at it, while it deploys, or both: for the better and then for the worse."""
    soon, later = 0.0, 0.8  # a task looks at what is there after 0.6 s
    kinds = (((soon, _GOOD),), ((later, _BAD),), ((soon, _GOOD), (later, _BAD)))
    for number in range(size.meddling):
        yield Meddling(2 + 3 * number, chance.random(), chance.choice((*kinds, kinds[-1])))


def _faults(seed: int, share: float) -> Iterator[dict[str, object]]:
    """What becomes of some calls for sure, and of a share of the others. The first that meets a call spoils it."""
    yield {"status": 429, "headers": {"Retry-After": "7"}, "after": 60}
    yield {"method": "PUT", "reset": True, "when": "after", "after": 2}
    yield {"method": "PUT", "status": 500, "when": "after", "after": 4}
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
