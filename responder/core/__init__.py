"""The decision, the case and the restraint, as pure functions over values.

Told everything: the time, the settings, the facts. Never imports Azure, the network, a clock or a log.
"""
