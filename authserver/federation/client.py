"""A conversation with a provider: Authlib's client, whose calls are bounded as all calls to others are."""

from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from requests import RequestException

from authserver.outbound.addresses import is_loopback
from authserver.outbound.client import bind, failure, get_json
from authserver.outbound.fault import CallError
from authserver.outbound.transport import Transport
from authserver.protocol.provider import Provider

# What Authlib and JSON make of an answer that is not what it should be.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class UpstreamClient(OAuth2Session):  # type: ignore[misc]  # Authlib is untyped
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
        # An administrator names the provider, which is often a company's own, on its network.
        bind(self, Transport(timeout, anywhere=True, http_on_loopback=is_loopback(provider.issuer)))

    def document(self, url: str, *, withhold_token: bool = True) -> dict[str, Any]:
        """GET a JSON object; anything else stands under an empty name. Raises CallError."""
        try:
            found = get_json(self, url, withhold_token=withhold_token)
        except AuthlibBaseError as error:
            raise _refusal(error) from None
        return found if isinstance(found, dict) else {"": found}

    def redeem(self, url: str, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
        """Exchange a code (RFC 6749 §4.1.3). Raises CallError."""
        try:
            token = self.fetch_token(
                url, grant_type="authorization_code", code=code, code_verifier=verifier, redirect_uri=redirect_uri
            )
        except AuthlibBaseError as error:
            raise _refusal(error) from None
        except (RequestException, *MALFORMED) as error:
            raise failure(error) from None
        if not isinstance(token, dict) or not isinstance(token.get("access_token"), str):
            raise CallError("a token response without an access token")
        return dict(token)


def _refusal(error: AuthlibBaseError) -> CallError:
    return CallError(f"the token endpoint refused: {str(error.error)[:100]!r}")
