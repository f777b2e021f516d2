"""A Functions host for one app: Microsoft's own worker logic inside, doors, queues and timers outside.

Never knows what the app is about: it runs any `function_app.py` with the triggers it speaks.
"""
