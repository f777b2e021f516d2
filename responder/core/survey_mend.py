"""What mends that which stands in a task's way, by the reason: one sentence for each.

Where a check's own sentence names what to do (a missing role assignment), that is told as well.
"""

_MENDS = {
    "assignment-not-found": "Nothing: the assignment is gone, and Azure's next scan clears its states.",
    "assignment-has-no-identity": "Give the assignment a managed identity and the roles its definition names.",
    "effect-not-remediable": "Nothing, or set the assignment's effect to deployIfNotExists or modify.",
    "enforcement-off": "Set the assignment's enforcementMode, or name it in the rule's enforcementModes.",
    "excluded-scope": "Nothing: the assignment excludes it, and Azure's next scan clears the state.",
    "exempt": "Nothing, or end the exemption.",
    "facts-unreadable": "Grant whoever runs this the Reader role where the sentence says, and run it again.",
    "identity-lacks-role": "Grant the assignment's identity the missing roles, which are listed each with its command.",
    "outside-resource-selectors": "Nothing, or widen the assignment's resourceSelectors.",
    "outside-task-locations": "Add the location to the rule's task.locations, or leave them out.",
    "own-resource": "Name the resource literally in the rule's match, if this app may remediate its own resources.",
    "reference-id-missing": "Assign the initiative anew: its states do not say which of its policies is meant.",
    "reference-id-unknown": "Nothing: the initiative was changed, and Azure's next scan clears the states.",
    "resource-gone": "Nothing: the resource is gone, and Azure's next scan clears the state.",
    "too-wide": "Write allowWide: true in the rule if that is meant, or remediate what lies below it first.",
}


def mend(reason: str) -> str:
    """What to do about it."""
    return _MENDS.get(reason, "As the sentence says.")
