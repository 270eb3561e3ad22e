"""A valid request, to be spoilt in one place."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from authserver.server import FORM
from tests.adversary.spoil import Pairs, encoded
from tests.adversary.target import Browser, Target


@dataclass(frozen=True, slots=True)
class Valid:
    """What to send: parameters in the query and in the body, whose browser or which client asks.

    `headers` are by their WSGI names. With `as_json` the parameters of the body are the members of a JSON object.
    """

    query: Pairs = field(default_factory=list)
    body: Pairs = field(default_factory=list)
    browser: Browser = "none"
    authorization: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    as_json: bool = False

    def written(self, body: Pairs) -> tuple[bytes, str]:
        """A body of these parameters, and its type."""
        return (_as_json(body), "application/json") if self.as_json else (encoded(body), FORM)


Make = Callable[[Target], Valid]


def _as_json(pairs: Pairs) -> bytes:
    """Parameters as the members of a JSON object, whatever they are: a value that is JSON stands as it is."""
    return b"{" + b", ".join(b'"%s": %s' % (_raw(name), _member(_raw(value))) for name, value in pairs) + b"}"


def _raw(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _member(value: bytes) -> bytes:
    try:
        text = value.decode()
        is_json = isinstance(json.loads(text), list | dict)
    except RecursionError:
        return value
    except ValueError:
        is_json = False
    return value if is_json else json.dumps(value.decode("utf-8", "surrogateescape")).encode()
