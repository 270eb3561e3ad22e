"""The server as others reach it: the issuer called from here, through whatever stands before it."""

from typing import Self

from requests import RequestException, Response, Session
from requests.exceptions import SSLError

from authserver.outbound.client import bind
from authserver.outbound.fault import CallError, RedirectError
from authserver.outbound.transport import Transport
from authserver.outbound.words import words

TIMEOUT = 10


class Unreachable(Exception):  # noqa: N818 - what it is, not what went wrong
    """No answer that could be looked at; the text says why.

    `is_tls`: the certificate or the handshake. `is_redirect`: it answers, and sends on to where nobody follows.
    """

    def __init__(self, why: str, *, is_tls: bool = False, is_redirect: bool = False) -> None:
        super().__init__(why)
        self.is_tls, self.is_redirect = is_tls, is_redirect


class Site:
    """Calls to one server, one after another; no redirect is followed, and certificates are checked."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._session = Session()
        bind(self._session, Transport(TIMEOUT, anywhere=True, http_on_loopback=True))

    def get(self, url: str, headers: dict[str, str] | None = None) -> Response:
        """The answer, whatever its status. Raises Unreachable."""
        # Each call is a first visit.
        self._session.cookies.clear()
        try:
            return self._session.get(url, headers=headers or {})
        except SSLError as error:
            raise Unreachable(words(error), is_tls=True) from None
        except RequestException as error:
            raise Unreachable(words(error)) from None
        except CallError as error:
            raise Unreachable(error.detail, is_redirect=isinstance(error, RedirectError)) from None

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
