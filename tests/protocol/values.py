"""A registry and a client for the tests of rules."""

from typing import Any

from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry, build_registry

ISSUER = "https://id.example.com"
NOW = 1_800_000_000
REPORTS = Api("reports", "https://reports.example.com", {"read:reports": "Read", "write:reports": "Write"})
USERS = Api(
    "users", "https://users.example.com", {"read:users": "See"}, access_token_lifetime=300, roles_claim="groups"
)


def make_client(**changes: Any) -> Client:
    given: dict[str, Any] = {
        "client_id": "portal",
        "name": "Portal",
        "type": "web",
        "token_endpoint_auth_method": "client_secret_basic",
        "redirect_uris": ("https://portal.example.com/callback",),
        "post_logout_redirect_uris": ("https://portal.example.com/bye?a=%20&b",),
        "grant_types": frozenset({"authorization_code", "refresh_token"}),
        "scopes": frozenset({"openid", "profile", "email", "offline_access"}),
        "apis": ("reports", "users"),
    }
    return Client(**given | changes)


def make_registry(*clients: Client) -> Registry:
    return build_registry(
        "1",
        {client.client_id: client for client in clients or (make_client(),)},
        {api.name: api for api in (REPORTS, USERS)},
        {
            "guest": frozenset({"read:reports"}),
            "user": frozenset({"read:reports", "write:reports", "read:users"}),
            "admin": frozenset({"admin:all"}),
        },
        "user",
        frozenset({"https://portal.example.com"}),
    )
