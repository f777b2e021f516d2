"""A small function app that the host is tried out with."""
