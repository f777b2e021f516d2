"""Every definition, initiative and assignment of tests/data, with the effect and the reason that follow from it."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.core.decision import Decision, judge
from responder.core.effect import effective_effect
from responder.core.exemption import exemption
from responder.core.facts import (
    Assignment,
    Definition,
    Facts,
    Initiative,
    InitiativeReference,
    Unread,
    assignment,
    definition,
    initiative,
)
from responder.core.resource_id import resource_id
from tests.core.builders import ASSIGNMENT, DEFINITION, GROUP, SUBSCRIPTION, a_change, vault
from tests.core.policies import (
    DATA,
    SET,
    a_definition,
    a_document,
    all_facts,
    an_assignment,
    an_initiative,
    rules_of,
    surroundings,
)

_ASK = Unread("Azure has not told it yet")
_NO = "effect-not-remediable"
_UNKNOWN = "facts-unreadable"

# file, effect with the definition's own defaults, what comes of a key vault's news (of a group's, a subscription's)
DEFINITIONS = [
    ("App_Service__DisableRemoteDebugging_WebApp_DINE", "deployifnotexists", "rule"),
    ("App_Service__WebApp_PublicNetworkAccess_Modify", "modify", "rule"),
    ("Azure_Arc__Arc_AutomaticUpgradeEnabled_Modify", "modify", "rule"),
    ("Azure_Government__Kubernetes__MutateRunAsUserPod", "mutate", _NO),
    ("Backup__EnableRecoveryServiceVaultDiagnosticSetting_DINE", "deployifnotexists", "rule"),
    ("BuiltInPolicyTest__AddTag", "append", _NO),
    ("Container_Registry__ACR_PTCDisabled_AuditDeny", "audit", _NO),
    ("Cosmos_DB__AdvancedThreatProtection_DINE", "deployifnotexists", "rule"),
    ("Event_Hub__AuditEventHubAccessRules_Audit", "auditifnotexists", _NO),
    ("General__MFA_DenyAction", "auditaction", _NO),
    ("Internet_of_Things__IoTHub_DeployPrivateDnsZoneForPrivateEndpoint_DINE", "deployifnotexists", "rule"),
    ("Kubernetes__Deploy-GitOps-to-Kubernetes-cluster-no-secrets_DINE", "deployifnotexists", "rule"),
    ("Managed_Grafana__AMG_ServiceAccount_Modify", "modify", "rule"),
    ("Mission__ComputeDenyDiskExport_Modify", "modify", "rule"),
    ("Monitoring__PublicIpDdosLogging_Audit", "auditifnotexists", _NO),
    ("Network__NetworkWatcher_DINE", "deployifnotexists", "rule"),
    ("PostgreSQL__FlexibleServers_EnablePgAudit_DINE", "deployifnotexists", "rule"),
    ("SQL_Server__SQLIaaS_EnableSAIOnSQLVM_DINE", "deployifnotexists", "rule"),
    ("SQL__SqlDB_DiagnosticsLog_DINE", "deployifnotexists", "rule"),
    ("SQL__SqlServerAdvancedDataSecurity_DINE", "deployifnotexists", "rule"),
    ("SQL__TdOnManagedInstances_DINE", "deployifnotexists", "rule"),
    ("SQL__TdOnSqlServers_DINE", "deployifnotexists", "rule"),
    ("Security_Center__DeployAtpOnMySqlFlexibleServers_DINE", "deployifnotexists", "rule"),
    ("Security_Center__TdOnSynapseWorkspaces_DINE", "deployifnotexists", "rule"),
    ("Tags__AddOrReplaceTag_Modify", "modify", "rule"),
    ("Tags__AddOrReplaceTag_ResourceGroup_Modify", "modify", "rule"),
    ("Tags__AddTag_Subscription_Modify", "modify", "rule"),
    ("Tags__InheritTag_AddOrReplace_FromSubscription", "modify", "rule"),
    ("Tags__RequireTag_Deny", "deny", _NO),
]
# What news of a whole group or subscription comes to: only where the policy can match nothing else.
WIDE = {
    "Tags__AddOrReplaceTag_ResourceGroup_Modify": GROUP,
    "Tags__AddTag_Subscription_Modify": SUBSCRIPTION,
}
# file, reference id, effect that the initiative hands on (None: it leaves that to the definition), what comes of it
INITIATIVES = [
    ("Cosmos_DB__Cosmos_Throughput", "Cosmos_MaxThroughput_Deny", "deny", _NO),
    ("Cosmos_DB__Cosmos_Throughput", "Cosmos_DisableMetadata_Append", None, _UNKNOWN),
    ("General__AllowUsageCosts", "NotAllowM365_Deny", "deny", _NO),
    ("General__AllowUsageCosts", "NotAllowMCPP_Deny", "deny", _NO),
    ("Network__NetworkSecurityGroupFlowLog_Enabled", "NetworkSecurityGroup_FlowLog_Audit", "audit", _NO),
    ("Network__NetworkSecurityGroupFlowLog_Enabled", "NetworkWatcherFlowLog_Enabled_Audit", "audit", _NO),
    ("Security_Center__MDC_DefenderForDatabases", "deployDefenderOnSqlServers", None, _UNKNOWN),
    ("Security_Center__MDC_DefenderForDatabases", "deployDefenderOnSqlMachines", None, _UNKNOWN),
    ("Security_Center__MDC_DefenderForDatabases", "deployDefenderOnOSSDatabases", None, _UNKNOWN),
    ("Security_Center__MDC_DefenderForDatabases", "deployDefenderOnCosmosDB", None, _UNKNOWN),
    ("Security_Center__MDC_MDE_WDATP_Settings_DINE", "deployWdatp", None, _UNKNOWN),
    ("Security_Center__MDC_MDE_WDATP_Settings_DINE", "deployWdatpUnifiedSolution", None, _UNKNOWN),
    ("Security_Center__MDC_MDE_WDATP_Settings_DINE", "deployWdatpExcludeLinuxPublicPreview", None, _UNKNOWN),
    (
        "Synapse__WorkspaceAadOnlyAuthenticationEnforcement_Modify",
        "SynapseWorkspaceCreationAadOnlyAuthentication",
        "modify",
        "rule",
    ),
    (
        "Synapse__WorkspaceAadOnlyAuthenticationEnforcement_Modify",
        "SynapseWorkspaceDisableAadOnlyAuthentication",
        "modify",
        "rule",
    ),
    ("VirtualEnclaves__KeyVaultInitiative", "KeyVaultShouldDisablePublicNetworkAccess", None, _UNKNOWN),
    ("VirtualEnclaves__KeyVaultInitiative", "KeyVaultShouldEnableSoftDelete", None, _UNKNOWN),
]
# file, effect that the assignment gives (None: it leaves that to what it assigns), what comes of it at confirm, where
# Azure reports deployIfNotExists
ASSIGNMENTS = [
    ("Deploy-AzActivity-Log", None, "rule"),
    ("Deploy-Diag-LogsCat", None, "rule"),
    ("Deploy-GuestAttest", None, "rule"),
    ("Deploy-MDEndpointsAMA", None, "rule"),
    ("Deploy-MDFC-Config-H224", None, "rule"),
    ("Deploy-MDFC-OssDb", None, "rule"),
    ("Deploy-SQL-TDE", None, "rule"),
    ("Deploy-SQL-Threat", None, "rule"),
    ("Deploy-SvcHealth-BuiltIn", None, "rule"),
    ("Deploy-VM-Backup", None, "rule"),
    ("Deploy-VM-ChangeTrack", "deployifnotexists", "rule"),
    ("Deploy-VM-Monitoring", None, "rule"),
    ("Enable-DDoS-VNET", "modify", "rule"),
    ("Enforce-ACSB", None, "rule"),
    ("Enforce-GR-KeyVault", None, "assignment-has-no-identity"),
    ("Enforce-GR-Storage0", None, "enforcement-off"),
    ("Enforce-TLS-SSL-Q225", None, "rule"),
]
# It says `[parameters('effect')]` and has no default: what it is comes from outside or is not known.
_FROM_OUTSIDE = a_definition(parameters={})


def the_definition(file: str) -> dict[str, object]:
    return a_document(f"azure-policy/policyDefinitions/{file}.json")


def the_initiative(file: str) -> dict[str, object]:
    return a_document(f"azure-policy/policySetDefinitions/{file}.json")


def the_assignment(file: str) -> dict[str, object]:
    return a_document(f"alz-library/policy_assignments/{file}.alz_policy_assignment.json")


def decided(facts: Facts, resource: str = vault("kv1"), reference: str = "") -> Decision:
    return judge(a_change(resource=resource_id(resource), reference=reference), facts, rules_of())


def of_definition(read: Definition) -> Facts:
    return all_facts(effect=_ASK, definition=read)


def of_initiative(read: Initiative) -> Facts:
    return all_facts(
        effect=_ASK, definition=_FROM_OUTSIDE, initiative=read, assignment=an_assignment(definition_id=SET)
    )


def of_assignment(read: Assignment) -> Facts:
    """It hands its parameter `effect` on; its initiative, if it assigns one, has one policy."""
    handed = InitiativeReference("ref", DEFINITION, {"effect": "[parameters('effect')]"})
    group = an_initiative(handed) if read.assigns_initiative else None
    return all_facts(effect=_ASK, definition=_FROM_OUTSIDE, assignment=read, initiative=group)


def the_effect(facts: Facts, reference: str = "") -> str | None:
    found = effective_effect(facts, reference, "westeurope")
    return found if isinstance(found, str) else None


@pytest.mark.parametrize(("file", "effect", "reason"), DEFINITIONS, ids=lambda value: str(value)[:40])
def test_every_definition_has_its_effect_and_its_reason(file: str, effect: str, reason: str) -> None:
    facts = of_definition(definition(the_definition(file)))

    assert the_effect(facts) == effect
    assert decided(facts).reason == reason


@pytest.mark.parametrize("file", [file for file, _, reason in DEFINITIONS if reason == "rule"])
@pytest.mark.parametrize("resource", [GROUP, SUBSCRIPTION], ids=["group", "subscription"])
def test_news_of_a_whole_group_is_too_wide_for_all_but_the_policies_of_groups_themselves(
    file: str, resource: str
) -> None:
    facts = of_definition(definition(the_definition(file)))

    assert decided(facts, resource).reason == ("rule" if WIDE.get(file) == resource else "too-wide")


@pytest.mark.parametrize(("file", "reference", "effect", "reason"), INITIATIVES, ids=lambda value: str(value)[:40])
def test_every_policy_of_an_initiative_has_the_effect_that_it_is_handed(
    file: str, reference: str, effect: str | None, reason: str
) -> None:
    facts = of_initiative(initiative(the_initiative(file)))

    assert the_effect(facts, reference) == effect
    assert decided(facts, reference=reference).reason == reason


@pytest.mark.parametrize(("file", "effect", "reason"), ASSIGNMENTS, ids=lambda value: str(value)[:40])
def test_every_assignment_of_the_landing_zone_has_its_effect_and_its_reason(
    file: str, effect: str | None, reason: str
) -> None:
    facts = of_assignment(assignment(the_assignment(file)))
    reference = "ref" if facts.initiative else ""

    assert the_effect(facts, reference) == effect
    assert decided(replace(facts, effect="deployifnotexists"), reference=reference).reason == reason


def test_the_tables_leave_no_file_out() -> None:
    stems = {
        file.name.split(".")[0]
        for folder in ("alz-library", "azure-policy")
        for file in DATA.rglob(f"{folder}/*/*.json")
    }
    initiatives = {(file, each) for file in {row[0] for row in INITIATIVES} for each in _references(file)}

    assert {row[0] for row in (*DEFINITIONS, *INITIATIVES, *ASSIGNMENTS)} == stems
    assert {(row[0], row[1]) for row in INITIATIVES} == initiatives


def _references(file: str) -> list[str]:
    return [entry.reference_id for entry in initiative(the_initiative(file)).references]


def recased(value: object, chance: Random) -> object:
    """The same document as somebody else might spell it: every key and every text in any case."""
    if isinstance(value, dict):
        return {_any_case(key, chance): recased(each, chance) for key, each in value.items()}
    if isinstance(value, list):
        return [recased(each, chance) for each in value]
    return _any_case(value, chance) if isinstance(value, str) else value


def _any_case(text: str, chance: Random) -> str:
    return "".join(chance.choice((letter.lower(), letter.upper())) for letter in text)


def spelled(document: dict[str, object], seed: int) -> dict[str, object]:
    again = recased(document, Random(seed))
    assert isinstance(again, dict)
    return again


_SEEDS = st.integers(0, 2**32)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(DEFINITIONS), _SEEDS)
def test_a_definition_in_another_case_is_the_same_definition(row: tuple[str, str, str], seed: int) -> None:
    plain, other = (definition(each) for each in (the_definition(row[0]), spelled(the_definition(row[0]), seed)))

    assert the_effect(of_definition(other)) == row[1]
    assert decided(of_definition(other)).reason == row[2]
    assert (other.role_ids, other.types, other.deployment_scope) == (
        plain.role_ids,
        plain.types,
        plain.deployment_scope,
    )


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(INITIATIVES), _SEEDS)
def test_an_initiative_in_another_case_is_the_same_initiative(row: tuple[str, str, str | None, str], seed: int) -> None:
    facts = of_initiative(initiative(spelled(the_initiative(row[0]), seed)))
    reference = _any_case(row[1], Random(seed))

    assert the_effect(facts, reference) == row[2]
    assert decided(facts, reference=reference).reason == row[3]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ASSIGNMENTS), _SEEDS)
def test_an_assignment_in_another_case_is_the_same_assignment(row: tuple[str, str | None, str], seed: int) -> None:
    facts = of_assignment(assignment(spelled(the_assignment(row[0]), seed)))
    reference = "ref" if facts.initiative else ""

    assert the_effect(facts, reference) == row[1]
    assert decided(replace(facts, effect="deployifnotexists"), reference=reference).reason == row[2]


@settings(max_examples=60, deadline=None)
@given(_SEEDS)
def test_overrides_selectors_and_exemptions_in_another_case_are_the_same(seed: int) -> None:
    overridden = assignment(spelled(a_document("azure-docs-assignments/overrides.json"), seed))
    choosing = assignment(spelled(a_document("azure-docs-assignments/resourceSelectors.json"), seed))
    waiver: dict[str, object] = {
        "id": f"{GROUP}/providers/Microsoft.Authorization/policyExemptions/w",
        "properties": {"policyAssignmentId": ASSIGNMENT, "exemptionCategory": "Waiver"},
    }
    exempting = surroundings(exemptions=(exemption(spelled(waiver, seed)),))

    assert effective_effect(all_facts(effect=_ASK, assignment=overridden), "CorpVmSizePolicy", _ASK) == "disabled"
    assert decided(all_facts(assignment=replace(choosing, identity="systemassigned"))).reason == (
        "outside-resource-selectors"
    )
    assert decided(all_facts(around=exempting)).reason == "exempt"
