"""The protocol as a model small enough to go through all of it: every interleaving, a crash at any step.

`docs/protocol.md` tells what is modelled, what is left out and what was found. Nothing here is used by the app.
"""
