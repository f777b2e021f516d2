"""A terminal as commands print to it: nothing that an event, an answer or a row brought along may steer it.

rich keeps escape characters in texts, and they would colour, move the cursor or hide what was said. So whatever
cannot be printed is replaced where text becomes segments: what rich itself adds comes later.
"""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment


class Terminal(Console):
    """A rich console that shows only what can be printed."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of a text, a table or anything else; rich's own control codes stay."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=plain(segment.text))


def plain(text: str) -> str:
    """The text with everything replaced that cannot be printed, but for the end of a line and a tabulator."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)
