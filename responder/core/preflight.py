"""What must hold besides the rules before a task may be opened: named checks, each three-valued, never a bare bool.

A failed check ends the decision for that resource; later rules are not tried. A check that depends on something
unread is *not known*: the case is held and asks again. Most of these stand for a refusal or a silent failure that
Azure would answer with later (https://learn.microsoft.com/azure/governance/policy/how-to/remediate-resources).
"""

from functools import partial

from responder.core.check import Check
from responder.core.effect import REMEDIABLE
from responder.core.exclusion import not_excluded, not_exempt, selected
from responder.core.facts import Assignment, Definition, Facts, Initiative, Missing, Unread
from responder.core.landing import landing_scope
from responder.core.own_scopes import owning
from responder.core.policy_state import PolicyStateChange
from responder.core.resource_id import Level
from responder.core.rights import MissingRole, RoleFinding, roles_held
from responder.core.rules import Rules, Settings
from responder.core.subject import Subject
from responder.core.unread import told
from responder.core.version import another_version, pinned_version

RULE_DEPENDENT = frozenset({"enforcement-off", "identity-lacks-role", "too-wide"})
"""Checks that ask for the settings of the rule that decided."""


def examine(change: PolicyStateChange, facts: Facts, settings: Settings, rules: Rules) -> tuple[Check, ...]:
    """Every check, in the order in which a failed one names the reason."""
    return preflight(Subject(change, facts), settings, rules)


def preflight(subject: Subject, settings: Settings, rules: Rules) -> tuple[Check, ...]:
    """`examine` for a subject that exists already."""
    assigned = subject.facts.assignment
    facts, effect = subject.facts, subject.effect
    values = (
        assigned,
        facts.definition,
        facts.initiative,
        settings,
        *((effect,) if isinstance(effect, Unread) else ()),
    )
    words = (subject.reference_id, effect if isinstance(effect, str) else "")
    of_policy = rules.policy_checks.of(values, words, partial(_of_policy, subject, assigned, settings))
    first, last = of_policy[:-1], of_policy[-1:]
    return (
        *first,
        *_of_place(subject, assigned),
        *last,
        _roles(subject, assigned, settings),
        _own(subject, rules),
        Check("outside-boundary", *rules.bounds(subject)),
        _width(subject, settings),
    )


def missing_roles(subject: Subject) -> tuple[MissingRole, ...]:
    """The role assignments that the assignment's identity lacks for certain, each as it would be mended."""
    assigned = subject.facts.assignment
    return _roles_of(subject, assigned).missing if isinstance(assigned, Assignment) else ()


def _assignment(subject: Subject, assigned: Assignment | Missing | Unread) -> Check:
    match assigned:
        case Assignment():
            version = pinned_version(subject.facts, subject.reference_id)
            told_version = version and another_version(subject.facts, subject.reference_id)
            because = f"the assignment exists; {told_version or f'it assigns version {version}'}"
            return Check("assignment-not-found", True, because if version else "the assignment exists")
        case Missing(what):
            return Check("assignment-not-found", False, what)
        case Unread(why):
            return Check("assignment-not-found", None, f"the assignment is not known: {why}")


def _effect(subject: Subject) -> Check:
    effect, assigned = subject.effect, subject.facts.assignment
    if isinstance(effect, Unread) and not isinstance(assigned, Assignment):
        return Check("effect-not-remediable", None, _without(assigned))  # why not stands in the check before
    if isinstance(effect, Unread):
        return Check("effect-not-remediable", None, f"the effect is not known: {effect.why}")
    if effect in REMEDIABLE:
        return Check("effect-not-remediable", True, f"the effect is {effect}")
    return Check("effect-not-remediable", False, f"the effect is {effect}; only deployIfNotExists and modify remediate")


def _of_policy(subject: Subject, assigned: Assignment | Missing | Unread, settings: Settings) -> tuple[Check, ...]:
    """What is the same for every resource of the policy; nothing of the subject's own place is looked at."""
    first = (_assignment(subject, assigned), _effect(subject))
    if not isinstance(assigned, Assignment):
        names = ("assignment-has-no-identity", "reference-id-missing", "reference-id-unknown", "enforcement-off")
        return (*first, *(Check(name, None, _without(assigned)) for name in names))
    return (
        *first,
        _identity(assigned),
        _reference_given(subject.reference_id, assigned),
        _reference_known(subject.reference_id, assigned, subject.facts.initiative),
        _enforced(assigned, settings),
    )


def _of_place(subject: Subject, assigned: Assignment | Missing | Unread) -> tuple[Check, ...]:
    """What depends on where the resource lies."""
    if not isinstance(assigned, Assignment):
        names = ("excluded-scope", "outside-resource-selectors", "exempt")
        return tuple(Check(name, None, _without(assigned)) for name in names)
    return (
        Check("excluded-scope", *not_excluded(subject, assigned)),
        Check("outside-resource-selectors", *selected(subject, assigned)),
        Check("exempt", *not_exempt(subject, assigned)),
    )


def _without(assigned: Missing | Unread) -> str:
    return "the assignment is not known" if isinstance(assigned, Unread) else "there is no assignment"


def _identity(assigned: Assignment) -> Check:
    """Deployments run as the assignment's identity."""
    if assigned.identity == "none":
        why = f"{assigned.id} has no managed identity, so that its deployments can do nothing; give it one"
        return Check("assignment-has-no-identity", False, why)
    return Check("assignment-has-no-identity", True, f"its identity is {assigned.identity}")


def _reference_given(reference: str, assigned: Assignment) -> Check:
    """Azure refuses a task for an initiative that does not say which of its policies is meant."""
    if assigned.assigns_initiative and not reference:
        why = "the assignment assigns an initiative, and the event does not say which of its policies is meant"
        return Check("reference-id-missing", False, why)
    return Check(
        "reference-id-missing", True, f"the policy is {reference}" if reference else "a single policy is assigned"
    )


def _reference_known(reference: str, assigned: Assignment, initiative: Initiative | Missing | Unread | None) -> Check:
    name = "reference-id-unknown"
    if not reference:
        return Check(name, True, "there is no reference id to look up")
    if not assigned.assigns_initiative:
        return Check(name, False, f"a single policy is assigned, which knows no reference id {reference!r}")
    match initiative:
        case Initiative():
            if initiative.reference(reference):
                return Check(name, True, f"the initiative has a policy {reference!r}")
            return Check(name, False, f"{initiative.id} has no policy {reference!r} any more")
        case Missing(what):
            return Check(name, None, f"the initiative cannot be read: {what}")
        case Unread(why):
            return Check(name, None, f"the initiative is not known: {why}")
        case None:
            return Check(name, None, "the initiative has not been read")


def _enforced(assigned: Assignment, settings: Settings) -> Check:
    mode = assigned.enforcement_mode
    if mode.lower() in (each.lower() for each in settings.enforcement_modes):
        return Check("enforcement-off", True, f"its enforcementMode is {mode}")
    listed = ", ".join(settings.enforcement_modes)
    why = f"its enforcementMode is {mode}, and the rule's enforcementModes are {listed}"
    return Check("enforcement-off", False, why)


def _roles(subject: Subject, assigned: Assignment | Missing | Unread, settings: Settings) -> Check:
    """Only a warning, because rights through custom roles cannot always be seen, unless the rule wants them seen."""
    if not isinstance(assigned, Assignment):
        return Check("identity-lacks-role", None, _without(assigned))
    found = _roles_of(subject, assigned)
    if found.holds or settings.require_roles:
        return Check("identity-lacks-role", found.holds, found.because)
    return Check("identity-lacks-role", True, f"warning: {found.because}")


def _roles_of(subject: Subject, assigned: Assignment) -> RoleFinding:
    facts = subject.facts
    if isinstance(facts.around.rights, Unread):
        return RoleFinding(None, f"the roles of the assignment's identity are not known: {facts.around.rights.why}")
    if not isinstance(facts.definition, Definition):
        return RoleFinding(None, f"the definition, which names the roles, is not known: {told(facts.definition)}")
    landing = landing_scope(subject.resource, subject.effect, facts, subject.reference_id)
    return roles_held(assigned, facts.definition, facts.around.rights, landing)


def _own(subject: Subject, rules: Rules) -> Check:
    told, why = owning(rules.own, subject)
    if told is None:
        return Check("own-resource", None, why)
    if not told or any(rule.names_own(subject, rules.own) is not False for rule in rules.rules):
        return Check("own-resource", True, "it is none of this app's own" if not told else "a rule names it literally")
    return Check("own-resource", False, why)


def _width(subject: Subject, settings: Settings) -> Check:
    """A task on a resource group or subscription reaches everything in it, unless the policy can match nothing else."""
    level = subject.resource.level
    if level is Level.RESOURCE or settings.allow_wide:
        why = "it is a single resource" if level is Level.RESOURCE else "the rule has allowWide"
        return Check("too-wide", True, why)
    wide = f"a task at this {level} reaches everything in it"
    defined = subject.facts.definition
    if not isinstance(defined, Definition):
        why = f"{wide}, unless the definition says otherwise, which is not known: {told(defined)}"
        return Check("too-wide", None, why)
    same = not another_version(subject.facts, subject.reference_id)
    if same and defined.types and defined.types <= {subject.resource_type}:
        return Check("too-wide", True, f"the definition matches only {subject.resource_type}")
    return Check("too-wide", False, f"{wide}; write allowWide: true in the rule if that is meant")
