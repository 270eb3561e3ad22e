"""What a guard looks at of a request, the same under every framework."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class SentRequest(NamedTuple):
    """The values of the two headers, the method, and the path without escapes, from the root of the host.

    `origin` is the WSGI environ or the ASGI scope, in which the TLS certificate of whoever calls is looked for.
    """

    authorization: list[str]
    dpop: list[str]
    method: str
    path: str
    origin: Mapping[str, Any] = MappingProxyType({})
