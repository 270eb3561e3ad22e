"""Why a call failed, in words for an administrator: the system's and TLS's, never a library's or a stranger's."""

import socket
import ssl
from collections.abc import Iterator

from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema, ProxyError, Timeout
from urllib3.exceptions import DecodeError, LocationValueError, ProtocolError
from urllib3.exceptions import TimeoutError as PoolTimeoutError

_SAID: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((TimeoutError, Timeout, PoolTimeoutError), "it did not answer in time"),
    ((InvalidSchema, InvalidURL, MissingSchema, LocationValueError), "the address is malformed"),
    ((ValueError, TypeError, KeyError, AttributeError, RecursionError, DecodeError), "the answer is malformed"),
)


def words(error: BaseException) -> str:
    """A clause such as "the connection failed: Connection refused". Nothing that was received is in it."""
    causes = list(_causes(error))
    through = "through the proxy, " if any(isinstance(each, ProxyError) for each in causes) else ""
    return through + next((found for each in causes[::-1] if (found := _of(each))), "the connection failed")


def _of(error: BaseException) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"the TLS handshake failed: {(error.reason or 'no reason was given').replace('_', ' ').lower()}"
    if isinstance(error, socket.gaierror):
        return f"the host name cannot be resolved: {error.strerror}"
    for kinds, said in _SAID:
        if isinstance(error, kinds):
            return said
    if isinstance(error, OSError) and error.errno is not None and error.strerror:
        return f"the connection failed: {error.strerror}"
    is_short = isinstance(error, (ConnectionError, ProtocolError))
    return "the connection ended before a whole answer came" if is_short else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """It, and what the libraries wrapped in it, the innermost last."""
    met, waiting = set[int](), [error]
    while waiting:
        each = waiting.pop(0)
        if id(each) not in met:
            met.add(id(each))
            yield each
            inner = (*each.args, getattr(each, "reason", None), each.__cause__)
            waiting += [other for other in inner if isinstance(other, BaseException)]
