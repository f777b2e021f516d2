"""What a person runs: one file per command, on the same core as the app."""
