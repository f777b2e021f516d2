"""Long names in a narrow terminal: cut in the middle, because what tells two apart stands at either end."""

from collections.abc import Sequence

SHORTEST = 12


def shortened(text: str, most: int) -> str:
    """The text in at most so many characters; of `group/name` the group is cut first."""
    if len(text) <= most:
        return text
    group, slash, name = text.rpartition("/")
    if slash and most - len(name) - 1 >= SHORTEST:
        return f"{shortened(group, most - len(name) - 1)}/{name}"
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[len(text) - tail :]}"


def widths(columns: Sequence[Sequence[str]], room: int) -> list[int]:
    """How wide each column may be for all of them to fit into the room: the widest gives way first."""
    wide = [max((len(text) for text in column), default=0) for column in columns]
    while sum(wide) > room and max(wide) > SHORTEST:
        wide[wide.index(max(wide))] -= 1
    return wide
