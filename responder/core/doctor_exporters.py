"""The doctor on exporters: whether what is told arrives, judged by what each endpoint answered to a question."""

from dataclasses import dataclass

from responder.core.doctor import AppPlace, Check, Finding, Section, Verdict
from responder.core.doctor_rights import Holder, role_command

NO_CREDENTIAL = "no credential was found for it"
PUBLISHER = "Monitoring Metrics Publisher"
SENDER = "EventGrid Data Sender"
_SETTING = {
    Check.AZURE_MONITOR: "APPLICATIONINSIGHTS_CONNECTION_STRING",
    Check.OTLP: "OTEL_EXPORTER_OTLP_ENDPOINT",
    Check.TRACE_FILE: "RESPONDER_TRACE_FILE",
    Check.OUTCOME_TOPIC: "RESPONDER_OUTCOME_TOPIC",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One exporter, where it was asked, and the answer: `status` 0 and `said` where none came."""

    check: Check
    where: str  # host and port, nothing secret
    status: int
    said: str = ""
    signed: bool = False  # a token went along


def of_answer(asked: Asked, holder: Holder, place: AppPlace) -> Finding:
    """What is to be said of an exporter."""
    what = f"{asked.where} ({_SETTING[asked.check]})"
    if asked.status == 0 and asked.said == NO_CREDENTIAL:
        because = f"{what} was not asked: no credential was found for it."
        return Finding(Section.EXPORTERS, asked.check, Verdict.NOT_CHECKED, because, "az login")
    if asked.status in (401, 403):
        return _refused(asked, what, holder, place)
    if asked.status == 0:
        because = f"{what} cannot be asked: {asked.said}; telemetry and work are apart, so nothing else stops."
        mend = f"curl --verbose --max-time 10 {asked.where}"
        return Finding(Section.EXPORTERS, asked.check, Verdict.WRONG, because, mend)
    # An Event Grid topic may refuse a list without events; it looks at rights before that.
    if asked.status < 300 or (asked.check is Check.OUTCOME_TOPIC and asked.status == 400):
        return Finding(Section.EXPORTERS, asked.check, Verdict.OK, f"{what} takes what is sent (HTTP {asked.status}).")
    because = f"{what} answers HTTP {asked.status} {asked.said}".rstrip() + ": what is sent there is lost."
    return Finding(Section.EXPORTERS, asked.check, Verdict.WRONG, because, place.unset(_SETTING[asked.check]))


def _refused(asked: Asked, what: str, holder: Holder, place: AppPlace) -> Finding:
    because, mend = _why_refused(asked, holder, place)
    said = f"{what} refuses us: HTTP {asked.status}. {because}."
    if holder.person and asked.signed:
        said = f"{said} That is your right, not the app's: see that its identity is among those who have the role."
        return Finding(Section.EXPORTERS, asked.check, Verdict.WARNING, said, mend)
    return Finding(Section.EXPORTERS, asked.check, Verdict.WRONG, said, mend)


def _why_refused(asked: Asked, holder: Holder, place: AppPlace) -> tuple[str, str]:
    group = place.group.name if place.group else "GROUP"
    if asked.check is Check.OTLP:
        return "Its headers go into OTEL_EXPORTER_OTLP_HEADERS", place.set("OTEL_EXPORTER_OTLP_HEADERS", "NAME=VALUE")
    if asked.check is Check.OUTCOME_TOPIC:
        topic = asked.where.partition("//")[2].partition(".")[0]
        scope = f"$(az eventgrid topic show --name {topic} --resource-group {group} --query id --output tsv)"
        return _without(SENDER, scope, holder)
    if not asked.signed:
        mend = place.set("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=AAD")
        return "It takes no telemetry without a token, and none is sent", mend
    kind = "Microsoft.Insights/components"
    scope = f"$(az resource list --resource-type {kind} --resource-group {group} --query '[0].id' --output tsv)"
    return _without(PUBLISHER, scope, holder)


def _without(role: str, scope: str, holder: Holder) -> tuple[str, str]:
    because = f"{holder.told} may not send there without {role}"
    if holder.person:
        return because, f'az role assignment list --role "{role}" --include-inherited --scope "{scope}" --output table'
    return because, role_command(holder, role, scope)


def without_any() -> Finding:
    """No exporter is set."""
    because = "No exporter is set; the settings say how to set one."
    return Finding(
        Section.EXPORTERS,
        Check.AZURE_MONITOR,
        Verdict.NOT_CHECKED,
        because,
        "python -m responder doctor --only settings",
    )


def of_file(path: str, writable: bool, place: AppPlace) -> Finding:
    """The trace file."""
    if writable:
        return Finding(Section.EXPORTERS, Check.TRACE_FILE, Verdict.OK, f"{path} can be written.")
    because = f"{path} (RESPONDER_TRACE_FILE) cannot be written: its folder is missing, or closed to us."
    return Finding(Section.EXPORTERS, Check.TRACE_FILE, Verdict.WRONG, because, place.unset("RESPONDER_TRACE_FILE"))
