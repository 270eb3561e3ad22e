"""Calls to a provider: Authlib's client over requests, without redirects, bounded in size and time.

OWASP SSRF; https only, but for a provider on this machine. https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

import json
from typing import Any
from urllib.request import getproxies

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from requests import RequestException, Response

from authserver.federation.address import is_acceptable, is_loopback
from authserver.federation.deadline import Watch, WatchedAdapter
from authserver.protocol.provider import Provider
from authserver.protocol.upstream_fault import UpstreamError

MAX_BYTES = 512 * 1024
# What Authlib and JSON make of an answer that is not what it should be.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class UpstreamSession(OAuth2Session):  # type: ignore[misc]  # Authlib is untyped
    """One conversation with a provider; `timeout` in seconds bounds every call as a whole."""

    def __init__(self, provider: Provider, timeout: float, **kwargs: Any) -> None:
        super().__init__(
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            token_endpoint_auth_method=provider.token_endpoint_auth_method,
            scope=" ".join(provider.scopes),
            code_challenge_method="S256",
            **kwargs,
        )
        # No netrc: it would put another password in the place of the client's secret.
        self.trust_env = False
        self.proxies = {scheme: url for scheme, url in getproxies().items() if scheme == "https"}
        self._is_local = is_loopback(provider.issuer)
        self._timeout = timeout
        self._watch = Watch()
        for scheme in ("http://", "https://"):
            self.mount(scheme, WatchedAdapter(self._watch))

    def close(self) -> None:
        super().close()
        self._watch.close()

    def request(self, method: str, url: str, withhold_token: bool = False, auth: Any = None, **kwargs: Any) -> Response:
        if not is_acceptable(url, self._is_local):
            raise UpstreamError("failed", f"an address that is neither https nor this machine's: {url[:200]!r}")
        # A secret must not travel on to wherever a redirect leads.
        kwargs |= {"allow_redirects": False, "stream": True, "timeout": self._timeout}
        with self._watch.limit(self._timeout):
            response: Response = super().request(method, url, withhold_token=withhold_token, auth=auth, **kwargs)
            with response:
                if response.is_redirect or 300 <= response.status_code < 400:
                    raise UpstreamError("failed", f"a redirect from {url[:200]!r}")
                response._content = _read(response)
        if self._watch.is_over():
            raise UpstreamError("unavailable", "it took too long")
        return response

    def document(self, url: str, **kwargs: Any) -> dict[str, Any]:
        """GET a JSON object. Raises UpstreamError."""
        kwargs.setdefault("withhold_token", True)
        try:
            response = self.request("GET", url, headers={"Accept": "application/json"}, **kwargs)
            if response.status_code != 200:
                raise UpstreamError("unavailable", f"status {response.status_code} from {url[:200]!r}")
            found = json.loads(response.content)
        except (RequestException, AuthlibBaseError, ValueError, RecursionError) as error:
            raise refusal(error) from None
        return found if isinstance(found, dict) else {"": found}

    def redeem(self, url: str, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
        """Exchange a code (RFC 6749 §4.1.3). Raises UpstreamError."""
        try:
            token = self.fetch_token(
                url, grant_type="authorization_code", code=code, code_verifier=verifier, redirect_uri=redirect_uri
            )
        except (RequestException, AuthlibBaseError, *MALFORMED) as error:
            raise refusal(error) from None
        if not isinstance(token, dict) or not isinstance(token.get("access_token"), str):
            raise UpstreamError("failed", "a token response without an access token")
        return dict(token)


def refusal(error: Exception) -> UpstreamError:
    """What went wrong on the way there or back; the detail names it without repeating what was received."""
    if isinstance(error, AuthlibBaseError):
        return UpstreamError("failed", f"the token endpoint refused: {str(error.error)[:100]!r}")
    is_away = isinstance(error, RequestException) and not isinstance(error, ValueError)
    return UpstreamError("unavailable" if is_away else "failed", type(error).__name__)


def _read(response: Response) -> bytes:
    body = bytearray()
    for piece in response.iter_content(16384):
        body += piece
        if len(body) > MAX_BYTES:
            raise UpstreamError("failed", f"more than {MAX_BYTES} bytes")
    return bytes(body)
