"""What a person runs: one file per command, on the same core as the app.

Each module has `add_parser(subparsers)` and `run(args) -> int`: 0 good, 1 findings, 2 usage or environment.
Nothing in the app imports from here.
"""
