"""Letter case, folded in one way wherever ids and names are compared.

Azure compares ids without case, and writes the same id in several cases. Python's own `lower` will not do for letters
outside ASCII: it turns the Kelvin sign into `k`, so that two groups would become one, writes one letter as two
(`İ`), and folds a sigma by what stands beside it, so that one group would become two. Here each character is folded
by itself into one character, and nothing outside ASCII becomes ASCII. How Azure folds such letters is not
documented; .NET's ordinal comparison goes character by character, too
(https://learn.microsoft.com/dotnet/api/system.stringcomparer.ordinalignorecase).
"""


def fold(text: str) -> str:
    """The text in lower case, of the same length; folding twice changes nothing."""
    return text.lower() if text.isascii() else "".join(map(_folded, text))


def _folded(character: str) -> str:
    """By way of the upper case, in which letters meet that have several lower ones."""
    upper = character.upper()
    raised = upper if len(upper) == 1 else character
    lower = raised.lower()
    paired = len(lower) == 1 and raised in (lower.upper(), lower.title())
    folded = lower if paired else raised
    return character if folded.isascii() and not character.isascii() else folded
