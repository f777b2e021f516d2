"""The blocks of `match` and `unless` as they are written, each with the steps to it."""

from collections.abc import Iterator, Mapping

from responder.core.rules_yaml import Steps, Tree

Written = Mapping[str, object]


def blocks_in(tree: Tree, part: str) -> Iterator[tuple[Steps, Written]]:
    """Every block of `match` or `unless`."""
    rules = tree.values.get("rules")
    for place, rule in enumerate(rules if isinstance(rules, list) else []):
        written = rule.get(part) if isinstance(rule, Mapping) else None
        steps: Steps = ("rules", place, part)
        if isinstance(written, Mapping):
            yield steps, written
        for index, block in enumerate(written if isinstance(written, list) else []):
            if isinstance(block, Mapping):
                yield (*steps, index), block


def globs_in(tree: Tree) -> Iterator[tuple[Steps, str, str]]:
    """Every glob but those of tags: the steps to it, its key, and its text."""
    for part in ("match", "unless"):
        for steps, block in blocks_in(tree, part):
            for key in block:
                for at, text in texts_of(block, key):
                    yield (*steps, *at), key, text


def texts_of(block: Written, key: str) -> Iterator[tuple[Steps, str]]:
    """The text under a key, or the texts of its list, each with the steps to it from the block."""
    value = block[key]
    if isinstance(value, str):
        yield (key,), value
    for index, text in enumerate(value if isinstance(value, list) else []):
        if isinstance(text, str):
            yield (key, index), text
