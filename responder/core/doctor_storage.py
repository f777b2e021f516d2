"""The doctor on storage: whether tables, queues and dead letters can be read and written, and what the ledger says.

Nothing is written to find out: whoever may delete gets a 404 for what is not there, and whoever may not a 403
(https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2). Rights are looked at before existence.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from responder.core.doctor import AppPlace, Check, Finding, Section, Verdict, storage_account_id
from responder.core.doctor_rights import Holder, role_command
from responder.core.duty import Need, Want

AZURITE = (
    ".azurite/node_modules/.bin/azurite --silent --skipApiVersionCheck --loose --inMemoryPersistence --disableTelemetry"
)
NO_CREDENTIAL = "NoCredential"
_AZURITES = "devstoreaccount1"  # the account that Azurite has on every laptop
_NO_KEYS = "KeyBasedAuthenticationNotPermitted"
_FIREWALL = "AuthorizationFailure"  # a network rule, and for some services also a missing role
_KIND = {Check.TABLES: "table", Check.QUEUES: "queue", Check.DEAD_LETTERS: "container"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said to one request: `status` is 0 where nobody answered, or nothing was sent."""

    status: int
    code: str = ""

    @property
    def refused(self) -> bool:
        """Whether it was for want of a right."""
        return self.status in (401, 403)


@dataclass(frozen=True, slots=True)
class Probe:
    """One table, queue or container: what came of reading it, and of deleting something from it that is not there."""

    check: Check
    name: str
    read: Answer
    write: Answer

    @property
    def missing(self) -> bool:
        """Whether it is not there."""
        return self.read.status == 404


@dataclass(frozen=True, slots=True)
class Access:
    """How the storage account is reached, and by whom."""

    account: str
    by_identity: bool
    local: bool  # it is on this machine
    holder: Holder
    place: AppPlace


def of_probe(probe: Probe, access: Access) -> Finding:
    """What is to be said of one table, queue or container."""
    what = f"The {_KIND[probe.check]} {probe.name}"
    for answer, doing in ((probe.read, "read"), (probe.write, "written")):
        if answer.status == 0:
            return _silent(probe.check, what, answer, access)
        if answer.refused:
            return _refused(probe.check, what, doing, answer, access)
        if answer.status >= 500:
            because = f"{what} cannot be {doing} now: HTTP {answer.status} {answer.code}."
            return Finding(
                Section.STORAGE, probe.check, Verdict.NOT_CHECKED, because, "python -m responder doctor --only storage"
            )
    if probe.missing:
        return _missing(probe, what, access)
    because = f"{what} can be read and written, as a deletion of nothing shows."
    return Finding(Section.STORAGE, probe.check, Verdict.OK, because)


def _silent(check: Check, what: str, answer: Answer, access: Access) -> Finding:
    if answer.code == NO_CREDENTIAL:
        return Finding(
            Section.STORAGE, check, Verdict.NOT_CHECKED, f"{what}: no credential was found for it.", "az login"
        )
    if access.local:
        because = f"{what}: nobody answers at {access.account} on this machine."
        return Finding(Section.STORAGE, check, Verdict.WRONG, because, AZURITE)
    query = '"{publicNetworkAccess: publicNetworkAccess, rules: networkRuleSet}"'
    because = (
        f"{what}: nobody answers at storage account {access.account}; is its name right, and may this host reach it?"
    )
    mend = f"az storage account show --name {access.account} --query {query}"
    return Finding(Section.STORAGE, check, Verdict.WRONG, because, mend)


def _refused(check: Check, what: str, doing: str, answer: Answer, access: Access) -> Finding:
    said = f"{what} cannot be {doing}: HTTP {answer.status} {answer.code}".rstrip()
    if not access.by_identity:
        why = "the account takes no keys" if answer.code == _NO_KEYS else "the key of AzureWebJobsStorage is refused"
        mend = "\n".join(
            (
                access.place.unset("AzureWebJobsStorage"),
                access.place.set("AzureWebJobsStorage__accountName", access.account),
            )
        )
        because = f"{said}; {why}: use an identity instead."
        return Finding(Section.STORAGE, check, Verdict.WRONG, because, mend)
    role = _role(check, access.holder)
    wall = " Or a network rule keeps this host out." if answer.code == _FIREWALL else ""
    because = f"{said}. {access.holder.told} may not do that without {role}.{wall}"
    mend = role_command(access.holder, role, storage_account_id(access.account))
    return Finding(Section.STORAGE, check, Verdict.WRONG, because, mend)


def _role(check: Check, holder: Holder) -> str:
    if check is Check.DEAD_LETTERS:
        return "Storage Blob Data Contributor" if holder.person else "Storage Blob Data Owner"
    return "Storage Table Data Contributor" if check is Check.TABLES else "Storage Queue Data Contributor"


def _missing(probe: Probe, what: str, access: Access) -> Finding:
    signed = "" if access.local else " --auth-mode login"
    named = f"--name {probe.name} --account-name {access.account}{signed}"
    if probe.check is Check.DEAD_LETTERS and access.account == _AZURITES:
        because = f"{what} is not there, and nobody fills it: Event Grid delivers nothing to a laptop."
        return Finding(Section.STORAGE, probe.check, Verdict.OK, because)
    if probe.check is Check.DEAD_LETTERS:
        because = f"{what} is not there: what Event Grid cannot deliver for a day is lost."
        return Finding(Section.STORAGE, probe.check, Verdict.WRONG, because, f"az storage container create {named}")
    if probe.check is Check.QUEUES:
        because = f"{what} is not there: delivery to a queue, and redrive, need it."
        return Finding(Section.STORAGE, probe.check, Verdict.WARNING, because, f"az storage queue create {named}")
    because = f"{what} is not there, and may be made: nothing refuses us."
    return Finding(Section.STORAGE, probe.check, Verdict.OK, because)


def of_clock(ahead: timedelta | None, lease: timedelta) -> Finding:
    """How far this host's clock is ahead of storage's (it tells whole seconds); leases bear a third of their length."""
    if ahead is None:
        because = "The clock could not be compared with storage's: no answer told the time."
        return Finding(
            Section.STORAGE, Check.CLOCK, Verdict.NOT_CHECKED, because, "python -m responder doctor --only storage"
        )
    seconds, third = abs(ahead.total_seconds()), lease.total_seconds() / 3
    told = f"This host's clock is {seconds:.0f} s {'ahead of' if ahead > timedelta() else 'behind'} storage's"
    if seconds > third:
        because = f"{told}, more than the {third:.0f} s that a lease bears: two workers may hold one case."
        return Finding(Section.STORAGE, Check.CLOCK, Verdict.WRONG, because, "sudo timedatectl set-ntp true")
    return Finding(Section.STORAGE, Check.CLOCK, Verdict.OK, f"{told}; a lease bears {third:.0f} s.")


def without_ledger(place: AppPlace) -> Finding:
    """The app has never run on this account."""
    because = "There is no ledger in this storage account: the app has not taken an event or swept yet."
    mend = f'az functionapp function list {place.options} --query "[].name" --output tsv'
    return Finding(Section.STORAGE, Check.LEDGER, Verdict.WARNING, because, mend)


_TOLD = {
    Want.SWEEP_SILENT: (Check.SWEEP, Verdict.WRONG),
    Want.OVERDUE: (Check.SWEEP, Verdict.WRONG),
    Want.SWEEP_FAILED: (Check.SWEEP, Verdict.WRONG),
    Want.EVENTS_STOPPED: (Check.SWEEP, Verdict.WRONG),
    Want.PAUSED: (Check.PAUSED, Verdict.WARNING),
    Want.DEAD_LETTERS: (Check.FAILED, Verdict.WARNING),
    Want.POISON: (Check.FAILED, Verdict.WARNING),
    Want.UNREADABLE: (Check.LEDGER, Verdict.NOT_CHECKED),
}
_FINE = {
    Check.SWEEP: "The app sweeps, and no case waits for nobody.",
    Check.PAUSED: "Nothing is paused.",
    Check.FAILED: "No dead letter and no poison message waits.",
}


def of_duty(needs: Iterable[Need], place: AppPlace) -> Iterator[Finding]:
    """What the ledger says about the app; its cases are the business of `status`."""
    mends = {
        Check.SWEEP: f"az functionapp restart {place.options}",
        Check.PAUSED: 'python -m responder resume --reason "…"',
        Check.FAILED: "python -m responder redrive --dry-run",
        Check.LEDGER: "python -m responder status",
    }
    told = [(*_TOLD[need.want], need) for need in needs if need.want in _TOLD]
    for check, verdict, need in told:
        mend = mends[check]
        if need.want is Want.EVENTS_STOPPED:
            mend = "python -m responder doctor --only events"
        yield Finding(Section.STORAGE, check, verdict, f"{need.because} {need.do}", mend)
    for check, because in _FINE.items():
        if not any(each[0] is check or each[0] is Check.LEDGER for each in told):
            yield Finding(Section.STORAGE, check, Verdict.OK, because)
