"""A policy state event as Event Grid delivers it, and what became of it.

Schema: https://learn.microsoft.com/azure/event-grid/event-schema-policy. A captured event had provider, type and
`resourcegroups` of its subject in lower case; the samples have the assignment's and definition's types so.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from responder.local.simulator import scope as ids
from responder.local.simulator.documents import Json, State
from responder.local.simulator.wire import stamp

Change = Literal["Created", "Changed", "Deleted"]
Status = Literal["pending", "delivered", "failed", "no-subscriber"]


@dataclass(slots=True)
class Raised:
    """One event and its delivery: how often it was tried, and the last answer (a status, or what went wrong)."""

    event: Json
    raised: datetime
    status: Status = "pending"
    attempts: int = 0
    last_outcome: str | int | None = None

    def body(self) -> Json:
        """As the control endpoint shows it."""
        delivery = {"status": self.status, "attempts": self.attempts, "lastOutcome": self.last_outcome}
        return {"event": self.event, "raisedAt": stamp(self.raised), "delivery": delivery}


def event_of(state: State, change: Change, now: datetime, topic: str | None) -> Json:
    """The event Azure would raise for this state. `topic` is that of a management group, where one is meant."""
    subscription = ids.subscription_of(state.resource_id) or ""
    return {
        "id": secrets.token_hex(32).upper(),
        "topic": topic or f"/subscriptions/{subscription}",
        "subject": ids.echo(state.resource_id),
        "data": {
            "timestamp": state.timestamp or stamp(now),
            "policyAssignmentId": ids.echo(state.policy_assignment_id),
            "policyDefinitionId": ids.echo(state.policy_definition_id),
            "policyDefinitionReferenceId": state.policy_definition_reference_id,
            "complianceState": state.compliance_state or "",
            "subscriptionId": subscription,
            "complianceReasonCode": "",
        },
        "eventType": f"Microsoft.PolicyInsights.PolicyState{change}",
        "eventTime": stamp(now),
        "dataVersion": "1",
        "metadataVersion": "1",
    }
