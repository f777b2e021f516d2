"""An event-driven remediation responder for Azure Policy."""
