"""Settings that are made of `Name=value` parts with semicolons between: connection strings, and what looks like one."""


def named_parts(text: str) -> dict[str, str]:
    """The parts by their names in lower case, without the space around them. A value may hold `=`, as keys do."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
