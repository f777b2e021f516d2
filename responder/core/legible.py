"""Sentences for people that hold words of others: an effect, a mode, a name in a policy.

They end in logs, traces, rows and terminals, so a sentence has one line, only what can be printed, and an end.
"""

LONGEST = 1000


def legible(text: str, longest: int = LONGEST) -> str:
    """The text with everything replaced that cannot be printed, cut at `longest` characters."""
    if len(text) <= longest and text.isprintable():
        return text
    shown = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in shown)


def encodable(text: str) -> str:
    """The text as UTF-8 can say it: halves of surrogate pairs, which JSON can spell, become question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
