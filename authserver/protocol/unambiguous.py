"""JSON that every reader understands alike: no member twice, no number that JSON does not have, no half a character.

RFC 8259 §4, §6, §8; RFC 7515 §4, §5.2, RFC 7519 §4 for what is signed. https://www.rfc-editor.org/rfc/rfc8259#section-4
"""

import json
from typing import Any


def unambiguous(raw: bytes, *, may_hold_halves: bool = False) -> Any:
    """The value that a text in UTF-8 says. Raises ValueError, and RecursionError where it is nested too deep.

    With `may_hold_halves`, half a character is taken, too: whoever asks so looks for it with `is_whole`.
    """
    # Decoded here: of bytes, json would take UTF-16 and UTF-32 too, and half characters.
    text = raw.decode()
    value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    if "\\u" in text and not may_hold_halves and not is_whole(value):
        raise ValueError
    return value


def is_whole(value: object) -> bool:
    """Whether no text in a JSON value holds half a character, which neither a database nor a header can hold.

    An escape can write it, such as `\\ud800`. Programs that cut a text in the midst of a character do.
    """
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Of two members with one name, another reader may believe the other.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_number(_: str) -> None:
    # NaN and the infinities are Python's.
    raise ValueError
