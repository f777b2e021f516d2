"""A Functions host for one app: Microsoft's own worker logic inside, doors, queues and timers outside."""
