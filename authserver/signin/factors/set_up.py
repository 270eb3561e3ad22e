"""A second factor that a person sets up: in a session that lives, or in one that they have begun and that needs it."""

from dataclasses import dataclass, field

from authserver import people
from authserver.pages.current import current_server
from authserver.people import Change
from authserver.signin import begin
from authserver.signin.begin import Begun
from authserver.signin.factors import second
from authserver.signin.factors.passkey import amr_of
from authserver.signin.session import BrowserSession
from authserver.signin.visit import Visit
from authserver.store import Connection
from authserver.store.factors.passkeys import NewPasskey
from authserver.store.sessions import Session
from authserver.store.users import User

# Of a person: nobody keeps more, and each is compared with what is typed.
MOST = 10


class NotSetUpError(Exception):
    """The factor is known already, or the session that was begun leads nowhere any more: nothing is kept."""


@dataclass(frozen=True, slots=True)
class SettingUp:
    """Who sets one up, on which way, and in which session."""

    visit: Visit
    person: User
    session: BrowserSession

    @property
    def kept_sid(self) -> str:
        """The session that stays when the first factor ends all others: the one that lives in this browser."""
        living = self.visit.session
        return living.sid if living is not None and living.sub == self.person.sub else self.session.sid


@dataclass(frozen=True, slots=True)
class Added:
    """The recovery codes that come with the first factor, and the session that it has proven itself in."""

    codes: list[str] | None = field(default=None, repr=False)
    begun: Begun | None = None


def add_app(connection: Connection, who: SettingUp, name: str, secret: str, step: int) -> Added:
    """Keep an app that has shown its code of `step`, in the caller's transaction. Raises NotSetUpError."""
    server = current_server()
    change = people.change_of(server, connection)
    is_first, sealed = _is_first(change, who), server.master.seal(secret.encode())
    if not people.add_totp(change, who.person, name, secret, sealed, step=step, session=who.kept_sid):
        raise NotSetUpError
    return _added(change, who, second.TOTP, is_first=is_first)


def add_passkey(connection: Connection, who: SettingUp, name: str, made: NewPasskey) -> Added:
    """Keep a passkey, likewise. Raises NotSetUpError."""
    change = people.change_of(current_server(), connection)
    is_first = _is_first(change, who)
    if not people.add_passkey(change, who.person, name, made, session=who.kept_sid):
        raise NotSetUpError
    return _added(change, who, amr_of(made), is_first=is_first)


def _is_first(change: Change, who: SettingUp) -> bool:
    is_first = not people.held_factors(change, who.person)
    # Whoever has one proves it: another, added with the password alone, would be a way round it.
    if not is_first and not isinstance(who.session, Session):
        raise NotSetUpError
    return is_first


def _added(change: Change, who: SettingUp, amr: tuple[str, ...], *, is_first: bool) -> Added:
    codes = people.make_recovery_codes(change, who.person) if is_first else None
    # Whoever has just set it up has proven it.
    if isinstance(who.session, Session):
        return Added(codes, begin.step_up(change.connection, Visit(who.session, who.person, None), who.person, amr))
    begun = begin.complete(change.connection, who.visit, who.person, amr, trust=False)
    if begun is None:
        raise NotSetUpError
    return Added(codes, begun)
