"""JSON that every reader understands alike: no member twice, and no number that JSON does not have.

RFC 8259 §4, §6; RFC 7515 §4, RFC 7519 §4 for what is signed. https://www.rfc-editor.org/rfc/rfc8259#section-4
"""

import json
from typing import Any


def unambiguous(text: str | bytes) -> Any:
    """The value that a text says. Raises ValueError, and RecursionError where it is nested too deep."""
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Of two members with one name, another reader may believe the other.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_number(_: str) -> None:
    # NaN and the infinities are Python's.
    raise ValueError
