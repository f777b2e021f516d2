"""An app that is restrained less than was promised breaks a promise, and the search sees it: the promises can fail."""

import pytest

from responder.core.rules import read_rules
from tests.scenarios.personas import PERSONAS, TEXT, Persona
from tests.scenarios.schedule import play
from tests.scenarios.schedules import Estate

BY_NAME = {persona.name: persona for persona in PERSONAS}


def of(*personas: Persona, fates: tuple[int, ...] = ()) -> Estate:
    """Resources of these personas in one group, each out of compliance."""
    return Estate(tuple((persona, 0) for persona in personas), tuple((0, n) for n in range(len(personas))), 1, fates)


THREE = of(*[BY_NAME["apart"]] * 3)
FAILS = of(BY_NAME["apart"], fates=(2, 0, 0, 0) * 8)
WRONG = {
    "more tasks at a time": (THREE, "running: 2", "running: 9", "run at the same time"),
    "more resources an hour": (
        of(*[BY_NAME["apart"]] * 9),
        "resourcesPerHour: 8",
        "resourcesPerHour: 80",
        "within an hour",
    ),
    "a fourth attempt": (FAILS, "attempts: 3", "attempts: 9", "a fourth time"),
    "no wait between attempts": (FAILS, "wait: PT15M", "wait: PT1S", "too soon"),
    "nobody is asked": (of(BY_NAME["asked"]), "action: ask", "action: remediate", "was not approved"),
    "no window": (of(BY_NAME["afternoon"]), "    during: afternoon\n", "", "before its window"),
}


@pytest.mark.parametrize(("estate", "rule", "instead", "found"), WRONG.values(), ids=WRONG.keys())
def test_what_is_restrained_less_than_promised_is_found(estate: Estate, rule: str, instead: str, found: str) -> None:
    assert rule in TEXT
    play(estate.world(), [])

    with pytest.raises(AssertionError, match=found):
        play(estate.world(), [], rules=read_rules(TEXT.replace(rule, instead)))
