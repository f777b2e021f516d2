"""What the doctor finds: one verdict for each thing looked at, why, and the command that mends it.

Each section of the doctor is judged by a module of its own from what was read; this one holds what they share. A
thing that could not be looked at is *not checked*, never *ok*.
"""

import shlex
from dataclasses import dataclass
from enum import StrEnum

from responder.core.resource_id import ResourceId


class Verdict(StrEnum):
    """What the doctor says about one thing."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    NOT_CHECKED = "not checked"


class Section(StrEnum):
    """What the doctor looks at, in the order in which it is told."""

    SETTINGS = "settings"
    RULES = "rules"
    STORAGE = "storage"
    RIGHTS = "rights"
    EVENTS = "events"
    OTHERS = "others"
    EXPORTERS = "exporters"


class Check(StrEnum):
    """One thing of a section."""

    SETTINGS = "settings"
    NAMES = "names"
    LEASE = "lease"
    TELEMETRY = "telemetry"
    WORKER = "worker-telemetry"
    RULES = "rules"
    MODE = "mode"
    BOUNDARY = "boundary"
    ASSIGNMENTS = "assignments"
    TABLES = "tables"
    QUEUES = "queues"
    DEAD_LETTERS = "dead-letters"
    CLOCK = "clock"
    LEDGER = "ledger"
    SWEEP = "sweep"
    PAUSED = "paused"
    FAILED = "failed-messages"
    STATES = "policy-states"
    ACTIONS = "actions"
    EXCESS = "excess"
    PROVIDERS = "providers"
    TOPIC = "topic"
    SUBSCRIPTION = "subscription"
    DELIVERY = "delivery-rights"
    TASKS = "tasks"
    SUBSCRIBERS = "subscribers"
    AZURE_MONITOR = "azure-monitor"
    OTLP = "otlp"
    TRACE_FILE = "trace-file"
    OUTCOME_TOPIC = "outcome-topic"


@dataclass(frozen=True, slots=True)
class Finding:
    """One verdict, in words for whoever has to mend it. `mend`: commands for a shell, one a line."""

    section: Section
    check: Check
    verdict: Verdict
    because: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class AppPlace:
    """The function app in Azure, as far as it is known; commands name it, or say APP and GROUP."""

    site: str = ""
    group: ResourceId | None = None  # its resource group

    @property
    def known(self) -> bool:
        """Whether a command can name it."""
        return bool(self.site and self.group)

    @property
    def options(self) -> str:
        """The options by which `az functionapp` finds it."""
        named = f"--name {self.site or 'APP'} --resource-group {self.group.name if self.group else 'GROUP'}"
        return f"{named} --subscription {self.group.subscription}" if self.group else named

    def set(self, name: str, value: str) -> str:
        """The command that gives a setting another value: in Azure, or, where no app is known, in this shell."""
        if self.known:
            pair = shlex.quote(f"{name}={value}")
            return f"az functionapp config appsettings set {self.options} --settings {pair}"
        return f"export {name}={shlex.quote(value)}"

    def unset(self, name: str) -> str:
        """The command that takes a setting away."""
        if self.known:
            return f"az functionapp config appsettings delete {self.options} --setting-names {name}"
        return f"unset {name}"


def storage_account_id(account: str) -> str:
    """The id of a storage account for a shell: its name is known, its group is asked of Azure."""
    return f"$(az storage account show --name {account or 'ACCOUNT'} --query id --output tsv)"
