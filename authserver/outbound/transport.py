"""How every call travels: without redirects, bounded in size and in time as a whole, and only where it may lead.

The name is looked up once, and the connection goes to the very address that was judged: a second look-up could give
another (DNS rebinding).
"""

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from authserver.outbound.addresses import is_acceptable, is_public
from authserver.outbound.deadline import Watch
from authserver.outbound.fault import CallError, RedirectError
from authserver.outbound.trace import around_call

MAX_BYTES = 512 * 1024
# RFC 9110 §15.4.5: it leads nowhere.
NOT_MODIFIED = 304


class Transport(HTTPAdapter):
    """The transport of one session of requests, whose calls are made one after another.

    `timeout` in seconds bounds every call as a whole, `most_bytes` an answer. By default calls lead to public addresses
    alone, as they must where a stranger names them; `anywhere` is for what an administrator names. `http_on_loopback`
    allows http there, `http` everywhere: where what is registered was checked for it.
    """

    def __init__(
        self,
        timeout: float,
        *,
        anywhere: bool = False,
        http_on_loopback: bool = False,
        http: bool = False,
        most_bytes: int = MAX_BYTES,
    ) -> None:
        self._watch = Watch()
        self._timeout = timeout
        self._http_on_loopback = http_on_loopback
        self._http = http
        self._most_bytes = most_bytes
        # A proxy would look the name up for itself, and see other networks.
        self._proxies = {k: url for k, url in getproxies().items() if k == "https"} if anywhere else {}
        self._pools = _pools(self._watch, anywhere)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def send(self, request: PreparedRequest, *_: Any, verify: Any = True, cert: Any = None, **__: Any) -> Response:
        """The answer, read to its end. Raises CallError, or what requests raises."""
        if not is_acceptable(request.url, self._http_on_loopback, http=self._http):
            raise CallError(f"an address that is neither https nor this machine's: {str(request.url)[:200]!r}")
        host = urlsplit(str(request.url)).hostname or ""
        with around_call(request.method or "", host) as parent, self._watch.limit(self._timeout):
            if parent is not None:
                request.headers["traceparent"] = parent
            response = super().send(
                request, stream=True, timeout=self._timeout, verify=verify, cert=cert, proxies=self._proxies
            )
            with response:
                # A secret must not travel on to wherever a redirect leads.
                if response.is_redirect or (300 <= response.status_code < 400 and response.status_code != NOT_MODIFIED):
                    raise RedirectError(f"a redirect from {str(request.url)[:200]!r}")
                response._content = _read(response, self._most_bytes)
        if self._watch.is_over():
            raise CallError("it took too long", is_away=True)
        return response

    def close(self) -> None:
        super().close()
        self._watch.close()


def _read(response: Response, most: int) -> bytes:
    body = bytearray()
    for piece in response.iter_content(16384):
        body += piece
        if len(body) > most:
            raise CallError(f"more than {most} bytes")
    return bytes(body)


def public_addresses(host: str, port: int) -> list[str]:
    """The addresses of a host, every one of which is public. Raises CallError."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CallError("a name that leads nowhere", is_away=isinstance(error, OSError)) from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    # One that is not public among others is nobody's mistake.
    if not all(is_public(each) for each in addresses):
        raise CallError("an address that is not public")
    return addresses


def _pinned(connection: HTTPConnection, connect: Callable[[], socket.socket]) -> socket.socket:
    host, refused = connection._dns_host, None
    for address in public_addresses(host, connection.port or 443):
        # What is connected to; the name stays what the certificate and the Host header are about.
        connection._dns_host = address
        try:
            return connect()
        except NewConnectionError as error:
            refused = error
        finally:
            connection._dns_host = host
    raise refused or CallError("a name that leads nowhere", is_away=True)


def _pools(watch: Watch, anywhere: bool) -> dict[str, type[HTTPConnectionPool]]:
    class BoundedConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connection = super()._new_conn() if anywhere else _pinned(self, super()._new_conn)
            watch.add(connection)
            return connection

    class BoundedTlsConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            connection = super()._new_conn() if anywhere else _pinned(self, super()._new_conn)
            watch.add(connection)
            return connection

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = BoundedConnection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = BoundedTlsConnection

    return {"http": PlainPool, "https": TlsPool}
