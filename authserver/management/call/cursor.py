"""Where a page ended: the key of its last item, in a form that nobody is tempted to make up."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

from authserver.store.search.walks import WalkPlace


def cursor_of(last: str) -> str:
    """A cursor that stands after this item."""
    return urlsafe_b64encode(last.encode()).rstrip(b"=").decode()


def after(cursor: str | None) -> str:
    """What a cursor stands after; one that was not given by this API stands at the beginning."""
    if cursor is None:
        return ""
    try:
        found = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return "" if "\0" in found else found


def cursor_to(place: WalkPlace) -> str:
    """A cursor that stands after this place among people."""
    return cursor_of(f"{place.sub} {place.text}")


def place_after(cursor: str | None) -> WalkPlace:
    """Which place a cursor stands after."""
    sub, _, text = after(cursor).partition(" ")
    return WalkPlace(text, sub)
