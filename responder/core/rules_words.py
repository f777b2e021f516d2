"""What each key of a rules file means, in a sentence: shown by editors beside the key, through the schema.

docs/rules.md says more; a test holds the keys here, in the models and there together.
"""

from collections.abc import Mapping

FILE: Mapping[str, str] = {
    "version": "The version of the rules language: 1.",
    "mode": "observe (the default) decides and plans everything and opens nothing; enforce opens tasks, and needs "
    "'within'.",
    "within": "Where the app may act: management groups, subscriptions, resource groups or resources. An entry covers "
    "itself and everything below it.",
    "except": "What is never touched, although it lies within.",
    "limits": "How much the whole app does at a time, all of its instances together.",
    "limits.running": "The most tasks that run at the same time. 50.",
    "limits.perDefinition": "The most tasks of one definition that run at the same time, 1 to 100. 100.",
    "limits.resourcesPerHour": "The most resources that tasks are opened for in any hour. 2000.",
    "breaker": "When a definition is held because it only goes wrong.",
    "breaker.badRounds": "After how many bad rounds in a row the cases of a definition are held until a person "
    "resumes. 5.",
    "windows": "Names of maintenance windows, which during speaks of.",
    "windows.days": "The days on which it opens: Mon, Tue, Wed, Thu, Fri, Sat, Sun; one or a list.",
    "windows.from": 'When it opens, in quotes: "22:00".',
    "windows.to": "When it closes, in quotes; the next day where that is no later than from.",
    "windows.timeZone": "The IANA time zone whose clocks are meant: Europe/Zurich.",
    "windows.except": "Dates on which it does not open: 2026-12-24.",
    "defaults": "Settings for every rule that does not say otherwise, key by key.",
    "rules": "Tried in order; the first that matches decides.",
    "otherwise": "What is done where no rule matches: ignore (the default) or observe.",
}
RULE: Mapping[str, str] = {
    "name": "A unique name, by which events, traces and cases speak of the rule.",
    "because": "Why the rule exists, in one sentence, for whoever reads it at night.",
    "match": "What the rule is for: a block or a list of blocks. The keys of a block are joined by 'and', blocks by "
    "'or'. Without it the rule matches everything.",
    "unless": "What the rule is not for, although it matches; the rules after it are tried. Written like match.",
    "action": "remediate opens a task; ask opens one that a person approved; observe goes all the way to the "
    "plan and opens nothing; ignore does nothing.",
}
BLOCK: Mapping[str, str] = {
    "assignment": "A glob over the whole id of the policy assignment: '**/deploy-diag-*'.",
    "definition": "A glob over the whole id of the policy definition.",
    "referenceId": "A glob over the policy's reference id within an initiative.",
    "effect": "The effective effect. Only deployIfNotExists and modify can be remediated.",
    "resource": "A glob over the whole id of the resource.",
    "resourceType": "A glob over the whole type: Microsoft.Sql/* is servers, Microsoft.Sql/** their databases, too.",
    "resourceGroup": "A glob over the name of the resource group.",
    "subscription": "A glob over the subscription's id, without /subscriptions/.",
    "managementGroup": "A glob over the names of all management groups above the resource, not their display names.",
    "location": "A glob over the location: westeurope, or West Europe.",
    "tags": "Names of tags, each with a glob over its value, a list of globs, or null for 'absent'.",
}
SETTINGS: Mapping[str, str] = {
    "gather": "How news becomes one piece of work.",
    "gather.by": "resource (the default) opens a task for each resource; resourceGroup one for all of a group.",
    "gather.for": "How long to wait for more news after the latest. PT2M.",
    "gather.atMost": "How long to wait at most after the first news. PT15M.",
    "grace": "How long Azure's own attempt on new resources may take: auto (the default, the definition's "
    "evaluationDelay), none, or a duration.",
    "task": "Azure's own settings of a remediation task, and how long it may take.",
    "task.resourceDiscoveryMode": "ReEvaluateCompliance (the default): Azure looks again before it deploys. "
    "ExistingNonCompliant: it trusts the latest scan.",
    "task.resourceCount": "The most resources that one task may touch, 1 to 50000. 500.",
    "task.parallelDeployments": "Deployments at the same time, 1 to 30. 10.",
    "task.failureThreshold": "The share of failed deployments at which Azure ends the task, 0% to 100%. 10%.",
    "task.timeout": "How long a task may run before onTimeout applies. PT6H.",
    "task.onTimeout": "leave (the default) lets the task go on without being waited for; cancel cancels it.",
    "task.locations": "Only resources in these locations are remediated by the task. No wildcards.",
    "poll": "How often Azure is asked how a task is going.",
    "poll.first": "The first interval, at least a second. PT30S.",
    "poll.most": "The longest interval. PT15M.",
    "retry": "How a resource is tried again that a task did not mend.",
    "retry.attempts": "Tasks in all, the first included, 1 to 20. 3.",
    "retry.wait": "How long to wait before the second task. PT15M.",
    "retry.factor": "Each further wait is so many times the one before, and at most a week. 2.",
    "verify": "How long to wait for Azure Policy to look again after a task has ended.",
    "verify.after": "How long after the end to look first. PT20M.",
    "verify.atMost": "How long to wait for Azure Policy's next scan at most. PT24H.",
    "cooldown": "No second task for the same resource within this time after a task's end. PT1H.",
    "enforcementModes": "The enforcementModes of assignments that may be remediated. [Default].",
    "requireRoles": "Whether an identity that seems to lack its roles blocks the task.",
    "allowWide": "Whether a task may be opened for a resource group or subscription that is itself out of compliance. "
    "false.",
    "backfill": "Whether states that no event announced may be taken up, too. false.",
    "askFor": "How long a request for approval, and an approval, is good; at least PT1M. P7D.",
    "during": "The name of the window in which tasks may be opened, or always. Without it: always.",
}
