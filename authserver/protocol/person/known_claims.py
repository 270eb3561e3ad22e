"""Every claim about a person: those of OpenID Connect, and those that an administrator declares.

OpenID Connect Core §5.1, §5.1.2, §5.4. https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from authserver.protocol.person.claims import PERSON_CLAIMS
from authserver.protocol.person.own_claims import OwnClaim


@dataclass(frozen=True, slots=True)
class KnownClaims:
    """The scope that opens each claim, the claims of each scope, and the claim that each is never said without.

    The last is for most the claim itself. `own` are those that an administrator declares.
    """

    scope_of: Mapping[str, str]
    by_scope: Mapping[str, tuple[str, ...]]
    beside: Mapping[str, str]
    own: Mapping[str, OwnClaim]

    def opened(self, scope: Collection[str]) -> list[str]:
        """The names of the claims that these scopes open."""
        return [name for opened, names in self.by_scope.items() if opened in scope for name in names]

    def with_those_beside(self, names: Collection[str]) -> frozenset[str]:
        """These claims, those never said without them, and those that they are never said without."""
        pairs = [(name, other) for name, other in self.beside.items() if name in names or other in names]
        return frozenset(each for pair in pairs for each in pair)

    def can_be_said(self, person: Mapping[str, object], name: str) -> bool:
        """Whether it is known: no email means no `email_verified`, and what no longer has its type is not said."""
        value = person.get(name)
        if value is None or person.get(self.beside[name]) is None:
            return False
        return name not in self.own or self.own[name].fault(value) is None

    def own_fault(self, name: str, value: object) -> str | None:
        """Why this is no value of an administrator's claim with this name, or None."""
        claim = self.own.get(name)
        return claim.fault(value) if claim is not None else "clients.yaml does not declare this claim"

    def undeclared(self, names: Iterable[str]) -> list[str]:
        """Those that no file declares any more, and that are said to nobody."""
        return sorted(set(names).difference(self.own))

    def sentences(self, scope: str) -> list[str]:
        """What the scope of an administrator's claims lets a client see, each sentence once."""
        return list(dict.fromkeys(claim.sentence for claim in self.own.values() if claim.scope == scope))


def known_claims(own: Mapping[str, OwnClaim]) -> KnownClaims:
    """All claims, with these of an administrator, whose names are others than those of OpenID Connect."""
    scope_of = {claim.name: claim.scope for claim in PERSON_CLAIMS}
    scope_of |= {name: claim.scope for name, claim in own.items()}
    by_scope = {
        scope: tuple(name for name, opened_by in scope_of.items() if opened_by == scope)
        for scope in dict.fromkeys(scope_of.values())
    }
    beside = {claim.name: claim.beside or claim.name for claim in PERSON_CLAIMS}
    return KnownClaims(
        scope_of=MappingProxyType(scope_of),
        by_scope=MappingProxyType(by_scope),
        beside=MappingProxyType(beside | {name: name for name in own}),
        own=MappingProxyType(dict(own)),
    )


STANDARD = known_claims({})
