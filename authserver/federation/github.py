"""GitHub: OAuth 2.0 without an ID token. Who somebody is, is asked of its API with the access token.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
"""

from typing import TYPE_CHECKING, Any

from authserver.protocol.provider import GITHUB, Provider
from authserver.protocol.upstream.fault import UpstreamError

if TYPE_CHECKING:
    from authserver.federation.client import UpstreamClient

MOST_ADDRESSES = 100


def metadata(provider: Provider) -> dict[str, Any]:
    """Where the browser is sent, and where a code is exchanged: GitHub publishes no metadata."""
    oauth = f"{provider.issuer.rstrip('/')}/login/oauth"
    return {"authorization_endpoint": f"{oauth}/authorize", "token_endpoint": f"{oauth}/access_token"}


def parameters(login_hint: str | None) -> dict[str, Any]:
    """What GitHub takes besides the usual: the account to suggest."""
    return {"login": login_hint} if login_hint else {}


def claims(client: "UpstreamClient", provider: Provider) -> dict[str, Any]:
    """The person of the access token, in the names of OpenID Connect. Raises UpstreamError."""
    api = "https://api.github.com" if provider.issuer == GITHUB else f"{provider.issuer.rstrip('/')}/api/v3"
    person = client.document(f"{api}/user", withhold_token=False)
    if type(person.get("id")) is not int:
        raise UpstreamError("failed", "a user without an id")
    found = {
        # The number: a login can be given up, and taken by somebody else.
        "sub": str(person["id"]),
        "preferred_username": person.get("login"),
        "name": person.get("name"),
        "picture": person.get("avatar_url"),
        "profile": person.get("html_url"),
        "website": person.get("blog"),
    }
    return found | _primary_address(client.document(f"{api}/user/emails", withhold_token=False))


def _primary_address(listed: dict[str, Any]) -> dict[str, Any]:
    addresses = listed.get("")
    for each in addresses[:MOST_ADDRESSES] if isinstance(addresses, list) else []:
        if isinstance(each, dict) and each.get("primary") is True:
            return {"email": each.get("email"), "email_verified": each.get("verified")}
    return {}
