"""The app's settings: the environment, filled up from `local.settings.json`.

As with Core Tools, `Values` becomes environment variables, and a variable that exists already wins.
https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from responder.local.azurite import DEVELOPMENT_STORAGE
from responder.local.host.trouble import HostError

LOCAL_SETTINGS = "local.settings.json"
_SETTING = re.compile(r"%([^%]+)%")
_IDENTITY = ("__accountName", "__queueServiceUri", "__serviceUri", "__credential")


@dataclass(frozen=True, slots=True)
class AppSettings:
    """The settings an app sees, by name."""

    values: Mapping[str, str]

    def resolve(self, text: str, where: str) -> str:
        """Replace each `%NAME%` by that setting; `where` says whose text it is. `HostError` if one is missing."""

        def setting(found: re.Match[str]) -> str:
            value = self.values.get(found[1])
            if value is None:
                raise HostError(
                    f"The {where} names the setting {found[1]}, which is not set; set it in the environment "
                    f"or under Values in {LOCAL_SETTINGS}."
                )
            return value

        return _SETTING.sub(setting, text)

    def storage(self, connection: str) -> str:
        """The connection string that a storage connection names. `HostError` when there is none."""
        for name in (connection, f"AzureWebJobs{connection}"):
            value = self.values.get(name)
            if value:
                short = value.replace(" ", "").rstrip(";").lower() == "usedevelopmentstorage=true"
                return DEVELOPMENT_STORAGE if short else value
        if any(f"{connection}{ending}" in self.values for ending in _IDENTITY):
            raise HostError(
                f"The connection {connection} uses an identity, which this host does not; "
                f"set {connection} to a connection string, for Azurite to UseDevelopmentStorage=true."
            )
        raise HostError(
            f"The setting {connection} is missing; set it to a storage connection string, "
            "for Azurite to UseDevelopmentStorage=true."
        )


def read_app_settings(folder: Path, environment: Mapping[str, str] = os.environ) -> AppSettings:
    """Join the environment with the folder's `local.settings.json`, if there is one."""
    return AppSettings({**_read_file(folder / LOCAL_SETTINGS), **environment})


def _read_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise HostError(f"{path} is not JSON: {error}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("Values", {}), dict):
        raise HostError(f"{path} must be an object with an object named Values.")
    if content.get("IsEncrypted"):
        raise HostError(f"{path} is encrypted; decrypt it with `func settings decrypt`.")
    return _strings(path, content.get("Values", {}))


def _strings(path: Path, values: dict[str, object]) -> dict[str, str]:
    wrong = [name for name, value in values.items() if not isinstance(value, str)]
    if wrong:
        raise HostError(f"Values in {path} must be strings; put quotes around {', '.join(wrong)}.")
    return {name: str(value) for name, value in values.items()}
