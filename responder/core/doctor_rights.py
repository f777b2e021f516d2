"""The doctor on rights: what an identity may do at each scope, what it lacks, and what is more than it needs.

The actions are those of the custom role in `infra/`. Deny assignments are not seen, and a role with a condition is
one that only Azure can evaluate: what hangs on either is not called certain.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from responder.core.doctor import Check, Finding, Section, Verdict
from responder.core.permission import Permission, covers, granted
from responder.core.resource_id import ResourceId

ROLE = "Azure Policy Responder"
"""What the name of the custom role that `infra/scope` defines begins with; the place where it is defined follows."""
NEEDED: Mapping[str, str] = {
    "Microsoft.PolicyInsights/remediations/read": "find tasks and follow them",
    "Microsoft.PolicyInsights/remediations/write": "open tasks",
    "Microsoft.PolicyInsights/remediations/listDeployments/read": "see what a task did to each resource",
    "Microsoft.PolicyInsights/remediations/cancel/action": "cancel tasks",
    "Microsoft.PolicyInsights/policyStates/queryResults/read": "read what Azure Policy says now",
    "Microsoft.PolicyInsights/policyStates/queryResults/action": "read what Azure Policy says now",
    "Microsoft.Authorization/policyAssignments/read": "read assignments",
    "Microsoft.Authorization/policyDefinitions/read": "read definitions",
    "Microsoft.Authorization/policySetDefinitions/read": "read initiatives",
    "Microsoft.Authorization/policyExemptions/read": "leave alone what is exempt",
    "Microsoft.Authorization/roleAssignments/read": "see whether an assignment's identity has its roles",
    "Microsoft.Authorization/roleDefinitions/read": "see whether an assignment's identity has its roles",
}
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose rights were looked at."""

    told: str  # as a sentence names it
    principal: str = ""  # object id; empty where it is not known
    person: bool = False  # somebody at a keyboard: says nothing about the app

    @property
    def assignee(self) -> str:
        """The options by which `az role assignment create` names it."""
        if self.principal:
            kind = "User" if self.person else "ServicePrincipal"
            return f"--assignee-object-id {self.principal} --assignee-principal-type {kind}"
        return (
            '--assignee-object-id "$(az ad signed-in-user show --query id --output tsv)" --assignee-principal-type User'
        )


def role_command(holder: Holder, role: str, scope: str) -> str:
    """The command that gives somebody a role at a scope."""
    place = f'"{scope}"' if "$(" in scope else scope
    return f'az role assignment create {holder.assignee} --role "{role}" --scope {place}'


def our_role_command(holder: Holder, scope: str) -> str:
    """The command that gives somebody the custom role at a scope, which is asked for its full name's id."""
    ours = f"[?starts_with(roleName, '{ROLE}')].name | [0]"
    named = f'$(az role definition list --custom-role-only true --scope {scope} --query "{ours}" --output tsv)'
    return role_command(holder, named, scope)


@dataclass(frozen=True, slots=True)
class Held:
    """What an identity may do at one scope; `unsure` says why that may not be all of it."""

    scope: ResourceId
    permissions: tuple[Permission, ...]
    unsure: str = ""


def of_rights(held: Held, holder: Holder) -> Iterator[Finding]:
    """What is missing at one scope, and what is too much."""
    missing = [action for action in NEEDED if not granted((Permission((action.lower(),)),), held.permissions)]
    yield _missing(held, holder, missing) if missing else _complete(held, holder)
    if holder.principal and not holder.person:
        yield from _excess(held, holder)


def _complete(held: Held, holder: Holder) -> Finding:
    because = f"{holder.told} may do all {len(NEEDED)} things that the app does at {held.scope}.{_of_a_person(holder)}"
    return Finding(Section.RIGHTS, Check.ACTIONS, Verdict.OK, because)


def _missing(held: Held, holder: Holder, missing: list[str]) -> Finding:
    why = ", ".join(dict.fromkeys(NEEDED[action] for action in missing))
    because = f"{holder.told} may not {', '.join(missing)} at {held.scope}, needed to {why}."
    mend = our_role_command(holder, held.scope.text)
    if held.unsure:
        because = f"{because} That is not certain: {held.unsure}."
        return Finding(Section.RIGHTS, Check.ACTIONS, Verdict.NOT_CHECKED, because, mend)
    if holder.person:
        mend = "python -m responder doctor --only rights --identity PRINCIPAL_ID"
        return Finding(Section.RIGHTS, Check.ACTIONS, Verdict.WARNING, because + _of_a_person(holder), mend)
    return Finding(Section.RIGHTS, Check.ACTIONS, Verdict.WRONG, because, mend)


def _of_a_person(holder: Holder) -> str:
    return " These are your rights, not the app's: --identity names the app's." if holder.person else ""


def _excess(held: Held, holder: Holder) -> Iterator[Finding]:
    extra = sorted(set(_beyond(held.permissions)))
    if extra:
        more = f" and {len(extra) - _SHOWN} more" if len(extra) > _SHOWN else ""
        because = (
            f"{holder.told} may do more than the app needs at {held.scope}: {', '.join(extra[:_SHOWN])}{more}. "
            f'The role "{ROLE}" is enough.'
        )
        whose = f"--assignee {holder.principal} --include-inherited"
        mend = f"az role assignment list {whose} --scope {held.scope} --output table"
        yield Finding(Section.RIGHTS, Check.EXCESS, Verdict.WARNING, because, mend)
    else:
        because = f"{holder.told} may do nothing that the app does not need at {held.scope}, but for reading."
        yield Finding(Section.RIGHTS, Check.EXCESS, Verdict.OK, because)


def _beyond(permissions: Iterable[Permission]) -> Iterator[str]:
    """The patterns that allow something beside reading and what is needed."""
    needed = [action.lower() for action in NEEDED]
    for each in permissions:
        if not each.data:
            yield from (
                one for one in each.actions if not one.endswith("/read") and not any(covers(n, one) for n in needed)
            )


def not_readable(scope: ResourceId, why: str) -> Finding:
    """Where rights themselves could not be read."""
    because = f"What may be done at {scope} could not be read: {why}."
    mend = "python -m responder doctor --only rights --identity PRINCIPAL_ID"
    return Finding(Section.RIGHTS, Check.ACTIONS, Verdict.NOT_CHECKED, because, mend)
