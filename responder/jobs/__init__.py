"""What the sweep does beside driving cases, one job a file: what nobody told us, what may be forgotten, what changed.

Each job is bounded, keeps how far it came in the ledger, and may be broken off anywhere. None opens a task.
"""
