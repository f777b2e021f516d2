"""The demo: a small landing zone, the events it raises, and an account of what became of each.

What happens here is what happens in Azure as far as the app can see. Nothing here is used by the app itself.
"""
