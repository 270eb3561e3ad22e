"""Client authentication: one method a request, the client looked up once, failures slowed down.

RFC 6749 §2.3, §2.3.1; OpenID Connect Core §9. https://www.rfc-editor.org/rfc/rfc6749#section-2.3
"""

import time
from collections import OrderedDict
from collections.abc import Collection
from threading import Lock

from authserver.events import emit
from authserver.protocol.client import Client, matches_secret
from authserver.protocol.client_authentication import Presented, invalid_client, presented_credentials
from authserver.protocol.digest import digest
from authserver.protocol.errors import ProtocolError
from authserver.server import Request, Server
from authserver.web import limits
from authserver.web.address import limit_key

MOST_BLOCKED = 10_000


class ClientAuthentication:
    """Authenticates clients for every grant and endpoint; what Authlib calls with a request and methods.

    Failures are counted for an address (shared in Redis where there is one). Past the limit a client that failed from
    that address is refused unheard until the window ends; a client that never failed there is never limited, since one
    address can be a hundred thousand people. Successes cost no look-up: who is blocked is kept here, learnt anew by
    each process at the client's next failure.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._limit = server.settings.client_auth_limit
        self._blocked: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = Lock()

    def __call__(self, request: Request, methods: Collection[str], endpoint: str = "token") -> Client:  # noqa: ARG002
        """The client that a request comes from. Raises `invalid_client` (401) or, throttled, the same with 429."""
        presented = presented_credentials(request.authorization, request.parameters)
        place = (limit_key(request.address), presented.client_id)
        self._refuse_blocked(place)
        client = self._server.query_client(presented.client_id)
        fault = self._fault(client, presented, methods)
        if client is not None and fault is None:
            return client
        self._count_failure(place)
        emit("client:authentication:failed", client_id=presented.client_id[:200], reason=fault, method=presented.method)
        raise invalid_client(fault or "", by_header=presented.method == "client_secret_basic")

    def _fault(self, client: Client | None, presented: Presented, methods: Collection[str]) -> str | None:
        # The secret is compared whatever else is wrong, so that time tells nothing.
        secrets = client.secrets if client is not None else ()
        right = matches_secret(secrets, digest(presented.secret), self._server.now())
        if client is None:
            return "unknown client_id"
        if not client.may_use(presented.method) or presented.method not in methods:
            return f"presented {presented.method}, registered {client.token_endpoint_auth_method or 'a secret'}"
        return None if client.is_public or right else "wrong or expired secret"

    def _refuse_blocked(self, place: tuple[str, str]) -> None:
        until = self._blocked.get(place)
        if until is None:
            return
        wait = int(until - time.time()) + 1
        if wait <= 0:
            self._blocked.pop(place, None)
            return
        raise _throttled(wait)

    def _count_failure(self, place: tuple[str, str]) -> None:
        # Redis away: secrets are 256 random bits, so a limit that fails open gives nothing away.
        wait = limits.hit(self._server.limiter, self._limit, "client-authentication", place[0])
        if not wait:
            return
        with self._lock:
            self._blocked[place] = time.time() + wait
            if len(self._blocked) > MOST_BLOCKED:
                self._blocked.popitem(last=False)
        emit("client:authentication:throttled", client_id=place[1][:200])
        raise _throttled(wait)


def _throttled(wait: int) -> ProtocolError:
    return ProtocolError(
        "invalid_client",
        "Too many failed client authentications from this address; wait as Retry-After says.",
        status=429,
        headers=(("Retry-After", str(wait)),),
    )
