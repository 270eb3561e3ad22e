"""An event as a page shows it."""

import json

from authserver.store.events import Event

# An event, and what it says beside the usual, as texts.
Row = tuple[Event, list[tuple[str, str]]]


def facts(event: Event) -> list[tuple[str, str]]:
    """What an event says beside the usual, as texts."""
    said = json.loads(event.detail)
    return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in said.items()]
