"""What a guard looks at of a request, the same under every framework."""

from typing import NamedTuple


class SentRequest(NamedTuple):
    """The values of the two headers, the method, and the path without escapes, from the root of the host."""

    authorization: list[str]
    dpop: list[str]
    method: str
    path: str
