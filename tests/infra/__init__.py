"""The templates, read without Azure and held to the app: what they declare is what the code needs, and no more."""
