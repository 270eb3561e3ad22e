"""What was typed or linked, as a database can take it: PostgreSQL holds NUL in no text."""

from collections.abc import Mapping

LONGEST = 320


def typed(given: Mapping[str, str], name: str) -> str:
    """The text of a field, without what stands around it; "" where it is missing, or could stand in no name."""
    text = given.get(name, "").strip()[:LONGEST]
    return text if text.isprintable() else ""
