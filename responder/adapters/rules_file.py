"""The rules file on disk.

Read once, when the app starts: a file that cannot be used stops it, with every problem named.
"""

from pathlib import Path

from responder.core.rules import BadRules, Rules, read_rules


class BadRulesFile(ValueError):
    """A rules file that cannot be used: each line names the file and one problem. `problems` are the rules' own."""

    def __init__(self, path: Path, lines: tuple[str, ...], cause: BadRules | None = None) -> None:
        self.path, self.problems = path, cause.problems if cause else ()
        super().__init__("\n".join(lines))


def read_rules_file(path: str | Path) -> Rules:
    """Read and check the file; raises `BadRulesFile`."""
    file = Path(path)
    try:
        return read_rules(_text(file))
    except BadRules as error:
        lines = tuple(f"{file}: {problem}" for problem in error.problems)
        raise BadRulesFile(file, lines, error) from error


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        why = "there is no such rules file; name another with RESPONDER_RULES or --rules"
        raise BadRulesFile(file, (f"{file}: {why}",)) from error
    except OSError as error:
        raise BadRulesFile(file, (f"{file}: the rules file cannot be read: {error.strerror}",)) from error
    except UnicodeDecodeError as error:
        why = f"the rules file is not UTF-8 (byte {error.start + 1}); save it as UTF-8"
        raise BadRulesFile(file, (f"{file}: {why}",)) from error
