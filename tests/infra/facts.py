"""`deploy.json`, part by part: the lists that the templates load, and that people with other tools read."""

from typing import Any

from tests.infra.meaning import deploy_facts


def names(*path: str) -> list[str]:
    """The names of a list, in its order: `names("storage", "queues")`."""
    return [each["name"] for each in part(*path)]


def part(*path: str) -> Any:
    """What stands there."""
    found: Any = deploy_facts()
    for key in path:
        found = found[key]
    return found
