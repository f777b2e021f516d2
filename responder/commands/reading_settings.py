"""The settings of a command that only reads Azure: those of the app, and storage may be missing."""

from collections.abc import Mapping
from pathlib import Path

from responder.adapters.rules_file import read_rules_file
from responder.adapters.settings import Settings, read_settings
from responder.core.rules import Rules

_NO_STORAGE = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}


def reading_settings(environment: Mapping[str, str]) -> Settings:
    """The environment's settings; raises `BadSettings`. Nothing is read from the storage that is made up here."""
    told = any(name.startswith("AzureWebJobsStorage") for name in environment)
    return read_settings(environment if told else {**environment, **_NO_STORAGE})


def read_environment(rules_file: Path | None, environment: Mapping[str, str]) -> tuple[Settings, Rules]:
    """The settings, and the rules as their file says them, with the app's own scopes. RESPONDER_MODE is left out:
    what *would* be opened does not depend on it. Raises `BadSettings` and `BadRules`.
    """
    settings = reading_settings(environment)
    return settings, read_rules_file(rules_file or Path(settings.rules)).adapted(None, settings.own_scopes)
