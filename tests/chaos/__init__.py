"""Chaos: many hosts that die, clocks apart, an Azure that fails, and a table of what must be 0.

`docs/chaos.md` says what is played and how each line is counted.
"""
