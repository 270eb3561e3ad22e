"""What a session lacks of the level that is demanded of it, and by what this person can give it.

RFC 9470 §5; OpenID Connect Core §5.5.1.1. https://www.rfc-editor.org/rfc/rfc9470#section-5
"""

from collections.abc import Collection
from dataclasses import dataclass

from authserver.protocol.acr import FIRST, Demand, own_acr, still_vouched, ways_left
from authserver.protocol.interaction import Lack
from authserver.server import Server
from authserver.signin.factors.passkey import rp_id
from authserver.store import users
from authserver.store.factors import means
from authserver.store.sessions import Session
from authserver.store.users import User

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LackingLevel:
    """What is missing; `methods` are those that a page asks for now, or that the person can set up.

    `is_wish`: the client goes without.
    """

    what: Lack
    methods: frozenset[str] = _NOTHING
    is_wish: bool = False


def may_set_up(person: User) -> bool:
    """Whether nobody else can claim the account by its address: what they set up would lock its owner out."""
    return person.email is None or person.email_verified


def done_in(server: Server, session: Session) -> Collection[str]:
    """What was done in a session that counts at this moment for levels of authentication."""
    if session.provider is None or session.methods in {("provider",), ("pwd",)}:
        return session.methods
    upstream = server.providers.get(session.provider)
    by_acr, by_amr = (upstream.acr, upstream.amr) if upstream else ({}, {})
    return still_vouched(session.methods, by_acr, by_amr)


def lacking(server: Server, session: Session, demand: Demand, *, by_provider: bool = False) -> LackingLevel | None:
    """What a session lacks of this demand; None where it is good enough.

    `by_provider`: no password begins a session for the client that asks.
    """
    if not demand:
        return None
    levels = server.registry.levels
    own, done = own_acr(levels, session.acr), done_in(server, session)
    wanted: list[Collection[str]] = [(level,) for level in sorted(demand.required)]
    if demand.essential and own not in demand.essential:
        wanted.append(demand.essential)
    left = ways_left(levels, wanted, done)
    if _NOTHING not in left:
        return _missing(server, session, left, by_provider=by_provider)
    if not demand.wished or own in demand.wished:
        return None
    left = ways_left(levels, (demand.wished,), done)
    if not left or _NOTHING in left:
        # What no file declares, nobody can try to reach.
        return None
    added = _added(left, _means(server, session, by_provider=by_provider))
    return LackingLevel(Lack.FACTOR, _NOTHING.union(*added), is_wish=True) if added else None


def _missing(server: Server, session: Session, left: frozenset[frozenset[str]], *, by_provider: bool) -> LackingLevel:
    has = _means(server, session, by_provider=by_provider)
    if added := _added(left, has):
        # A session is not begun anew where another factor will do.
        return LackingLevel(Lack.FACTOR, _NOTHING.union(*added))
    if not left or any(way <= has for way in left):
        # Where nothing that was asked for is declared, a provider may say it.
        return LackingLevel(Lack.SIGN_IN)
    settable = _settable(server, session)
    possible = [way for way in left if way <= has | settable]
    if not possible:
        return LackingLevel(Lack.MEANS)
    return LackingLevel(Lack.SET_UP, _NOTHING.union(*possible) & settable - has)


def _added(left: frozenset[frozenset[str]], has: frozenset[str]) -> list[frozenset[str]]:
    return [way for way in left if way <= has and way.isdisjoint(FIRST)]


def _means(server: Server, session: Session, *, by_provider: bool) -> frozenset[str]:
    with server.database.read() as connection:
        has = means.of_person(connection, session.sub)
    cannot = {"passkey"} if rp_id(server.settings) is None else set()
    return has - cannot - ({"pwd"} if by_provider else set())


def _settable(server: Server, session: Session) -> frozenset[str]:
    with server.database.read() as connection:
        person = users.get(connection, session.sub)
    if person is None or not may_set_up(person):
        return _NOTHING
    return frozenset({"otp"} if rp_id(server.settings) is None else {"otp", "passkey"})
