"""One file per thing that arrives: gather, decide, apply."""
