"""Under which names, and where, a client finds roles, permissions and groups, and claims about the person.

RFC 9068 §2.2.3.1 names `roles` and `groups` for access tokens; other applications look in the ID token or in userinfo,
each under a name of its own. https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """The names of the claims in one place; None where the claim is left out."""

    roles: str | None = None
    permissions: str | None = None
    groups: str | None = None

    def __bool__(self) -> bool:
        return bool(self.roles or self.permissions or self.groups)


NO_CLAIMS = ClaimNames()


@dataclass(frozen=True, slots=True)
class ClaimPlaces:
    """What a client's access tokens, ID tokens and userinfo hold. Without `access_token` the API's names stand.

    `person` are the claims about the person that its ID tokens hold, as far as their scope was granted.
    """

    access_token: ClaimNames | None = None
    id_token: ClaimNames = NO_CLAIMS
    userinfo: ClaimNames = NO_CLAIMS
    person: frozenset[str] = frozenset()

    @property
    def read_roles(self) -> bool:
        """Whether the names of roles stand in one of them, under a name of the client's own."""
        places = (self.access_token, self.id_token, self.userinfo)
        return any(names is not None and names.roles is not None for names in places)


DEFAULT_PLACES = ClaimPlaces()
