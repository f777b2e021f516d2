"""The rules file on disk.

Read once, when the app starts: a file that cannot be used stops it, with every problem named.
"""

from pathlib import Path

from responder.core.rules import BadRules, Problem, Rules, read_rules


class BadRulesFile(BadRules):
    """A rules file that cannot be used: every line names the file and one problem."""

    def __init__(self, file: Path, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.file = file

    def __str__(self) -> str:
        return "\n".join(f"{self.file}: {problem}" for problem in self.problems)


def read_rules_file(path: str | Path) -> Rules:
    """Read and check the file; raises `BadRulesFile`."""
    file = Path(path)
    text = _text(file)
    try:
        return read_rules(text)
    except BadRules as error:
        raise BadRulesFile(file, error.problems) from error


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        why = "there is no such rules file; name another with RESPONDER_RULES or --rules"
        raise BadRulesFile(file, (Problem("", why),)) from error
    except OSError as error:
        raise BadRulesFile(file, (Problem("", f"the rules file cannot be read: {error.strerror}"),)) from error
    except UnicodeDecodeError as error:
        why = f"the rules file is not UTF-8 (byte {error.start + 1}); save it as UTF-8"
        raise BadRulesFile(file, (Problem("", why),)) from error
