"""What globs stand for, compared: whether one covers another, and whether two have a text in common.

Warnings need certainty, so both questions are put to the globs themselves and not to examples. `covers` answers
yes only where it is proven; it may miss a few. `meets` is exact.
"""

from functools import lru_cache

_STAR, _STARS = "*", "**"
_NAME, _HEX = "+", "#"  # in a shape: one or more characters of a segment; one hexadecimal digit
_LETTER = "?letter"  # the first of those one or more


def covers(wide: str, narrow: str, segmented: bool = True) -> bool:
    """Whether every text that matches `narrow` is certain to match `wide`, too. Both are folded globs."""
    if narrow == wide or wide == _STARS:
        return True
    if "*" not in wide:
        return False
    if not all(piece in narrow for piece in _pieces(wide)):  # soon told, for most
        return False
    pattern = _tokens(wide, segmented)
    places = _onward({0}, pattern)
    for token in _tokens(narrow, segmented):
        places = _onward({after for at in places for after in _after(at, token, pattern)}, pattern)
    return len(pattern) in places


@lru_cache(maxsize=65536)
def _pieces(glob: str) -> tuple[str, ...]:
    """What stands between wildcards. Each must stand in what the glob covers."""
    return tuple(filter(None, glob.split("*")))


def _after(at: int, token: str, pattern: tuple[str, ...]) -> tuple[int, ...]:
    """Where the pattern may stand after one token of the narrow glob: a wildcard there stands for all it matches."""
    here = pattern[at] if at < len(pattern) else ""
    if here == _STARS or (here == _STAR and token not in ("/", _STARS)):
        return (at,)
    return (at + 1,) if here == token and here != _STAR else ()


def _onward(places: set[int], pattern: tuple[str, ...]) -> set[int]:
    """The places, and those behind wildcards that stand for nothing."""
    found = set(places)
    for at in sorted(places):
        while at < len(pattern) and pattern[at] in (_STAR, _STARS):
            at += 1
            found.add(at)
    return found


@lru_cache(maxsize=4096)
def meets(glob: str, shape: str) -> bool:
    """Whether any text matches both. In a shape, `+` is the name of a segment and `#` a hexadecimal digit."""
    left, right = _tokens(glob), _shape(shape)
    waiting, seen = [(0, 0)], {(0, 0)}
    while waiting:
        at = waiting.pop()
        if at == (len(left), len(right)):
            return True
        for after in _both_after(at, left, right):
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return False


def _both_after(at: tuple[int, int], left: tuple[str, ...], right: tuple[str, ...]) -> list[tuple[int, int]]:
    i, j = at
    a = left[i] if i < len(left) else None
    b = right[j] if j < len(right) else None
    found = []
    if a in (_STAR, _STARS):
        found.append((i + 1, j))
        if b is not None and (a == _STARS or b != "/"):
            found.append((i, j + 1))
    if b in (_STAR, _STARS):
        found.append((i, j + 1))
        if a is not None and (b == _STARS or a != "/"):
            found.append((i + 1, j))
    if a is not None and b is not None and _same(a, b):
        found.append((i + 1, j + 1))
    return found


def _same(letter: str, shaped: str) -> bool:
    if shaped == _LETTER:
        return letter != "/"
    return letter in "0123456789abcdef" if shaped == _HEX else letter == shaped


@lru_cache(maxsize=4096)
def _tokens(glob: str, segmented: bool = True) -> tuple[str, ...]:
    found: list[str] = []
    for letter in glob:
        if letter == "*" and found[-1:] == [_STAR]:
            found[-1] = _STARS
        elif letter != "*" or found[-1:] != [_STARS]:
            found.append(letter)
    return tuple(found) if segmented else tuple(_STARS if token == _STAR else token for token in found)


@lru_cache(maxsize=64)
def _shape(shape: str) -> tuple[str, ...]:
    return tuple(each for token in _tokens(shape) for each in ((_LETTER, _STAR) if token == _NAME else (token,)))
