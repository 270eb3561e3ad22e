"""A username and a password, checked: the same answer, at the same cost, for known and unknown people.

OWASP ASVS 5 §6.3 (guessing is slowed down, accounts cannot be told apart). https://owasp.org/ASVS
"""

from dataclasses import dataclass, field

from authserver.events import emit
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.protocol.person.login_name import as_typed, login_key
from authserver.server import Server
from authserver.signin import password as passwords
from authserver.store import devices, signin_failures, users
from authserver.store.users import User


class WrongCredentialsError(Exception):
    """No such person, not their password, or a disabled person: nobody is told which."""


class ThrottledError(Exception):
    """Too many attempts, be the password right or wrong; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Checked:
    """A person whose password was right: the account that failures are counted under, and a newer hash if due."""

    user: User
    account: bytes
    password_hash: str = field(repr=False)
    new_hash: str | None = field(repr=False)


def check(server: Server, login: str, password: str, address: str, device: str | None = None) -> Checked:
    """Raises `ThrottledError`, `WrongCredentialsError`, or `PasswordsBusyError`.

    A try counts before its password is looked at, and afterwards only if it was wrong. A `device` that is known to have
    signed this person in has a count of its own, and no other: strangers do not slow it down.
    """
    passwords.shared(server.settings).refuse_when_full()
    with limits.failures_alone(server.limiter, WrongCredentialsError) as tries:
        return _check(server, tries, _Presented(as_typed(login), password, limit_key(address), device))


@dataclass(frozen=True, slots=True)
class _Presented:
    login: str
    password: str = field(repr=False)
    place: str
    device: str | None = field(repr=False)


def _check(server: Server, tries: limits.Tries, presented: _Presented) -> Checked:
    hasher, settings = passwords.shared(server.settings), server.settings
    user = _known_here(server, presented)
    is_known = user is not None
    if not is_known:
        # Before anybody is looked up: how soon a refusal comes tells nothing of who there is.
        _refuse(None, tries.hit(settings.signin_limit_address, "sign-in", presented.place))
        with server.database.read() as connection:
            user = users.by_login(connection, presented.login)
    sub = user.sub if user else None
    account = signin_failures.account(sub, login_key(presented.login), presented.device if is_known else None)
    if not is_known:
        _refuse(sub, tries.hit(settings.signin_limit_account, "sign-in", account.hex(), presented.place))
    _refuse(sub, _count(server, account))

    stored = user.password_hash if user and user.disabled_at is None else None
    try:
        right = hasher.verify(stored, presented.password)
        new_hash = hasher.hash(presented.password) if right and stored and hasher.is_outdated(stored) else None
    except passwords.PasswordsBusyError:
        with server.database.write() as connection:
            signin_failures.take_back(connection, account)
        raise
    if user is None or stored is None or not right:
        emit("user:login:failed", sub=sub)
        raise WrongCredentialsError
    return Checked(user, account, stored, new_hash)


def _known_here(server: Server, presented: _Presented) -> User | None:
    """Who has signed in with this browser before and is named now. Costs the same whoever is named."""
    key = login_key(presented.login)
    with server.database.read() as connection:
        for sub in devices.people(connection, presented.device, server.now()):
            user = users.get(connection, sub)
            if user and key in {login_key(user.username), login_key(user.email or "")}:
                return user
    return None


def count_attempt(server: Server, user: User) -> bytes:
    """Count a try to prove an account by other means than its password; returns what it is counted under.

    Raises `ThrottledError`. Tries of both kinds are one count: two ways in are no second chance (ASVS 6.3).
    """
    account = signin_failures.account(user.sub, user.username)
    count(server, user, account)
    return account


def count_code(server: Server, login: str, device: str | None) -> bytes:
    """Count a guess at a code that was mailed to whoever has this login; returns what it is counted under.

    The same for known and unknown people, but for a device that has signed them in. Raises `ThrottledError`.
    """
    is_known = _known_here(server, _Presented(login, "", "", device)) is not None
    account = signin_failures.code_account(login_key(login), device if is_known else None)
    _refuse(None, _count(server, account))
    return account


def count(server: Server, user: User, account: bytes) -> None:
    """Count a try of a person's under `account`. Raises `ThrottledError`."""
    _refuse(user.sub, _count(server, account))


def _count(server: Server, account: bytes) -> int:
    settings = server.settings
    with server.database.write() as connection:
        return signin_failures.attempt(
            connection,
            account,
            server.now(),
            free=settings.signin_backoff_after,
            longest=settings.signin_backoff_max,
        )


def _refuse(sub: str | None, seconds: int) -> None:
    if seconds:
        emit("user:login:throttled", sub=sub, retry_after=seconds)
        raise ThrottledError(seconds)
