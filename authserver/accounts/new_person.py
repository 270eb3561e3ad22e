"""A person who makes an account: the username that comes out of an address, and the first roles."""

import secrets

from sqlalchemy import Connection

from authserver.protocol.login_name import canonical, username_from_email
from authserver.server import Server
from authserver.store import users
from authserver.store.users import LoginError, User

ATTEMPTS = 5


def add(
    connection: Connection,
    server: Server,
    *,
    email: str,
    name: str | None,
    password_hash: str,
    username: str | None = None,
    roles: tuple[str, ...] | None = None,
) -> User:
    """Add a person whose address is verified. Raises `LoginError` where the address or the given username is taken.

    Without `roles` they get the default one; without a `username` one is made out of the address.
    """
    default = server.registry.default_role
    given = roles if roles is not None else ((default,) if default else ())
    if users.by_login(connection, email) is not None:
        raise LoginError("this e-mail address is taken")
    wanted = username or username_from_email(email)
    for _ in range(ATTEMPTS):
        try:
            return users.add(
                connection,
                username=wanted,
                email=email,
                email_verified=True,
                password_hash=password_hash,
                name=name,
                roles=given,
                now=server.now(),
            )
        except LoginError:
            if username is not None:
                raise
            wanted = f"{username_from_email(email)}-{secrets.randbelow(1_000_000)}"
    raise LoginError("no username could be made out of this address")


def tidy(text: str | None, longest: int) -> str | None:
    """A name as it is kept: in one line, without what cannot be printed; None where nothing is left."""
    kept = "".join(character for character in text or "" if character.isprintable())
    return " ".join(kept.split())[:longest].strip() or None


def is_allowed_to_sign_up(server: Server, email: str) -> bool:
    """Whether the settings let this address make an account."""
    settings = server.settings
    domain = canonical(email).rpartition("@")[2]
    return settings.signup == "open" or domain in {canonical(each) for each in settings.signup_domains}
