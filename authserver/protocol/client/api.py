"""One API, which the specifications call a resource server (RFC 8707 §2; https://www.rfc-editor.org/rfc/rfc8707)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from authserver.protocol.client.client import SigningAlg
from authserver.protocol.client.secret import Secret


@dataclass(frozen=True, slots=True)
class Api:
    """A resource server: the audience of its tokens and the permissions it knows (RFC 8707 §2).

    With `secrets` it may ask the introspection endpoint, as the client named `name`, for its own tokens and for those
    of the APIs that it `introspects`. One whose `roles_are_names` decides nothing by roles and groups. `signing_alg` is
    what its tokens are signed with; None leaves that to the client.

    `exchanges[api][permission]` are the permissions here of which a token needs one, so that this API may exchange it
    for a token with that permission of another (RFC 8693). Tokens for it are of people who reached `require_acr`.
    """

    name: str
    audience: str
    permissions: Mapping[str, str]
    access_token_lifetime: int | None = None
    roles_claim: str = "roles"
    permissions_claim: str = "permissions"
    secrets: tuple[Secret, ...] = ()
    introspects: tuple[str, ...] = ()
    signing_alg: SigningAlg | None = None
    roles_are_names: bool = False
    exchanges: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    require_acr: str | None = None

    def scope(self, permission: str) -> str:
        """A permission of this API as a scope that no other API has: an audience holds no `#`, and neither does it."""
        return f"{self.audience}#{permission}"

    def permissions_among(self, api_scopes: Iterable[str]) -> frozenset[str]:
        """The permissions of this API among scopes of any."""
        own = f"{self.audience}#"
        return frozenset(each.removeprefix(own) for each in api_scopes if each.startswith(own))
