"""Mistakes that people make in rules files, as they make them."""

MISTAKES: dict[str, str] = {
    "a key is misspelt": """
        version: 1
        rules:
          - name: diagnostics
            mach: {effect: deployIfNotExists}
            action: remediate
        """,
    "a key has the wrong case": """
        version: 1
        rules:
          - {name: vaults, match: {resourcetype: Microsoft.KeyVault/vaults}, action: observe}
        """,
    "the action does not exist": """
        version: 1
        rules:
          - {name: tags, match: {effect: modify}, action: remediated}
        """,
    "the version is forgotten": """
        mode: observe
        rules: []
        """,
    "enforce without a boundary": """
        version: 1
        mode: enforce
        rules:
          - {name: tags, match: {effect: modify}, action: remediate}
        """,
    "a setting of the task stands in the rule": """
        version: 1
        rules:
          - name: tags
            action: remediate
            resourceCount: 100
        """,
    "a condition stands in the rule": """
        version: 1
        rules:
          - name: production
            resourceGroup: rg-prod-*
            action: ignore
        """,
    "the key of another tool": """
        version: 1
        exclude: [/subscriptions/00000000-0000-0000-0000-000000000001]
        """,
    "a percentage without its sign": """
        version: 1
        defaults:
          task: {failureThreshold: 10}
        """,
    "a length of time as other tools write it": """
        version: 1
        defaults:
          cooldown: 1h
          task: {timeout: 90}
        """,
    "a tag value that YAML reads as something else": """
        version: 1
        rules:
          - name: opted out
            match: {tags: {remediate: no, since: 2026-01-01, version: 1.10}}
            action: ignore
        """,
    "the name of an assignment instead of its id": """
        version: 1
        rules:
          - {name: diagnostics, match: {assignment: deploy-diag-*}, action: remediate}
        """,
    "the id of a resource group instead of its name": """
        version: 1
        rules:
          - name: shared
            match: {resourceGroup: /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-shared}
            action: ignore
        """,
    "a resource type without its namespace": """
        version: 1
        rules:
          - {name: vaults, match: {resourceType: vaults}, action: observe}
        """,
    "an effect that is nearly one": """
        version: 1
        rules:
          - {name: all, match: {effect: deployIfNotExist}, action: observe}
        """,
    "the name of a management group instead of its id": """
        version: 1
        within: [alz]
        """,
    "two rules of the same name": """
        version: 1
        rules:
          - {name: tags, match: {effect: modify}, action: observe}
          - {name: Tags, action: ignore}
        """,
    "a key that is written twice": """
        version: 1
        rules:
          - name: tags
            match: {effect: modify}
            action: observe
            match: {location: westeurope}
        """,
    "a tab": """
        version: 1
        rules:
        \t- name: tags
        """,
    "a star that is not in quotes": """
        version: 1
        rules:
          - {name: tags, match: {assignment: **/tags}, action: observe}
        """,
    "a rule behind one that takes everything": """
        version: 1
        rules:
          - {name: watch, match: {effect: [modify, deployIfNotExists]}, action: observe}
          - {name: tags, match: {effect: modify, assignment: "**/tag-*"}, action: remediate}
        """,
    "exceptions that only hold together": """
        version: 1
        rules:
          - name: tags
            match: {effect: modify}
            unless: {resourceGroup: rg-legacy, tags: {managedBy: terraform}}
            action: observe
        """,
    "a star that would have to cross segments": """
        version: 1
        rules:
          - name: production
            match: {resource: /subscriptions/*/vaults/*}
            action: observe
        """,
    "names where Azure knows ids": """
        version: 1
        rules:
          - {name: production, match: {subscription: prod-*, managementGroup: Landing zones}, action: observe}
        """,
    "times of day as YAML reads them": """
        version: 1
        windows:
          night: {days: [Tue, Thursday], from: 22:00, to: "24:00", timeZone: europe/zürich}
        rules:
          - {name: tags, action: ask, during: night}
        """,
    "a window that is not there": """
        version: 1
        windows:
          nights: {days: Tue, from: "22:00", to: "04:00", timeZone: UTC}
        rules:
          - {name: tags, action: remediate, during: night}
        """,
    "a window that nobody waits for": """
        version: 1
        windows:
          night: {days: [Tue, Thu], from: "22:00", to: "04:00", timeZone: UTC, except: [2026-12-24, 2026-12-25]}
        """,
    "keys of windows as others call them": """
        version: 1
        windows:
          night: {days: Tue, start: "22:00", end: "04:00", timezone: UTC}
        """,
    "limits in the wrong place and out of range": """
        version: 1
        running: 10
        limits: {perDefinition: 200, resourcesPerHour: 0}
        defaults:
          limits: {running: 10}
        """,
    "a retry that is written beside it": """
        version: 1
        breaker: {badRound: 3}
        defaults:
          attempts: 5
          retry: {wait: 15m, factor: 0.5, attempts: 0}
        """,
    "time to answer where nobody is asked": """
        version: 1
        rules:
          - {name: tags, match: {effect: modify}, action: remediate, askFor: P7D}
        """,
    "an approval that cannot wait for its window": """
        version: 1
        windows:
          weekend: {days: [Sat, Sun], from: "08:00", to: "18:00", timeZone: Europe/Zurich}
        rules:
          - {name: tags, match: {effect: modify}, action: ask, askFor: P2D, during: weekend}
        """,
    "an hour that holds no task": """
        version: 1
        limits: {resourcesPerHour: 100}
        rules:
          - {name: tags, match: {effect: modify}, gather: {by: resourceGroup}, action: remediate}
        """,
    "an exception outside the boundary": """
        version: 1
        within: [/subscriptions/00000000-0000-0000-0000-000000000001]
        except: [/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-legacy]
        """,
}
