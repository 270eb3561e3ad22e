"""An account for a person who is new here, where the rules allow it. It has no password."""

import secrets

from sqlalchemy import Connection

from authserver.events import emit
from authserver.protocol.login_name import username_fault, username_from_email
from authserver.protocol.provider import Provider
from authserver.protocol.upstream_fault import UpstreamError
from authserver.protocol.vouched import Vouched, is_trusted
from authserver.store import users
from authserver.store.users import LoginError, User
from authserver.web.current import current_server

ATTEMPTS = 5


def new_account(connection: Connection, provider: Provider, person: Vouched) -> User:
    """Add the person. Raises UpstreamError where the rules make no account."""
    if not _is_allowed(provider, person):
        raise UpstreamError("no_account", f"domain {person.email_domain!r}")
    server = current_server()
    default = server.registry.default_role
    # An address that not even the provider has verified would only keep its owner from signing up.
    email = person.email if person.email_verified else None
    wanted = _username(provider, person)
    for attempt in range(ATTEMPTS):
        try:
            user = users.add(
                connection,
                username=wanted if attempt == 0 else f"{wanted[:56]}-{secrets.randbelow(1_000_000)}",
                email=email,
                email_verified=is_trusted(provider, person),
                roles=(default,) if default else (),
                now=server.now(),
            )
        except LoginError:
            continue
        emit("user:account:created", sub=user.sub, provider=provider.name, within=connection)
        return user
    raise UpstreamError("failed", "no username could be made")


def _is_allowed(provider: Provider, person: Vouched) -> bool:
    if provider.sign_up is not None:
        return provider.sign_up
    settings = current_server().settings
    if settings.signup == "domain":
        return person.email_verified and person.email_domain in {each.lower() for each in settings.signup_domains}
    return settings.signup == "open"


def _username(provider: Provider, person: Vouched) -> str:
    if person.username and "@" not in person.username and username_fault(person.username) is None:
        return person.username
    return username_from_email(person.email) if person.email else f"{provider.name}-{secrets.token_hex(4)}"
