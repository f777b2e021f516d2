"""The doctor looks at rights: what may be done at each scope of `within`."""

import asyncio

from responder.adapters.arm_error import ArmError
from responder.commands.doctor_azure import TROUBLE, Azure
from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.doctor_rights import Held, Holder, not_readable, of_rights, our_role_command, role_command
from responder.core.resource_id import ResourceId


async def look_at_rights(azure: Azure) -> list[Finding]:
    """Everything about rights."""
    if blocked := await azure.blocked(Section.RIGHTS, Check.ACTIONS):
        return [blocked]
    holder = await _holder(azure)
    looked = await asyncio.gather(*(_at(azure, scope, holder) for scope in azure.patient.scopes))
    return [finding for some in looked for finding in some]


async def _holder(azure: Azure) -> Holder:
    """Whose rights are looked at: those of `--identity`, else of whoever runs this."""
    told = azure.patient.identity
    if not told:
        return await azure.caller()
    principal = await azure.health.principal_of(told, azure.subscriptions()) or told
    return Holder(f"The identity {principal}", principal)


async def _at(azure: Azure, scope: ResourceId, holder: Holder) -> list[Finding]:
    readable = await _states(azure, scope, holder)
    try:
        held = await azure.asked(lambda: _held(azure, scope, holder))
    except TROUBLE as error:
        return [readable, not_readable(scope, str(error))]
    return [readable, *of_rights(held, holder)]


async def _held(azure: Azure, scope: ResourceId, holder: Holder) -> Held:
    if azure.patient.identity:
        return await azure.health.rights_of(holder.principal, scope)
    return await azure.health.own_rights(scope)


async def _states(azure: Azure, scope: ResourceId, holder: Holder) -> Finding:
    """Whoever runs this is who reads them, whosever rights are looked at."""
    try:
        await azure.asked(lambda: azure.health.groups_above(scope))
    except ArmError as error:
        return unread_states(scope, error, await azure.caller(), holder)
    return Finding(Section.RIGHTS, Check.STATES, Verdict.OK, f"The policy states of {scope} can be read.")


def unread_states(scope: ResourceId, error: ArmError, reader: Holder, holder: Holder) -> Finding:
    """The states could not be read: that is wrong where the app itself was refused."""
    because = f"The policy states of {scope} cannot be read: {error}."
    if reader.person:
        verdict, mend = Verdict.WARNING, role_command(reader, "Reader", scope.text)
    else:
        verdict, mend = Verdict.WRONG, our_role_command(reader if reader.principal else holder, scope.text)
    refused = error.unauthorised or error.forbidden or error.missing
    return Finding(Section.RIGHTS, Check.STATES, verdict if refused else Verdict.NOT_CHECKED, because, mend)
