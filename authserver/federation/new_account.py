"""An account for a person who is new here, where the rules allow it. It has no password."""

import secrets

from authserver import people
from authserver.federation.attempt import UpstreamSignIn
from authserver.pages.current import current_server
from authserver.people import Change
from authserver.protocol.person.email_address import is_at
from authserver.protocol.person.username import username_fault, username_from_email
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.vouched import Vouched, is_trusted
from authserver.store.addresses import LoginError
from authserver.store.users import User


def new_account(change: Change, sign_in: UpstreamSignIn) -> User:
    """Add the person. Raises UpstreamError where the rules make no account."""
    provider, person = sign_in.provider, sign_in.person
    if not _is_allowed(provider, person):
        raise UpstreamError("no_account", f"domain {person.email_domain!r}")
    # An address that not even the provider has verified would only keep its owner from signing up.
    email = person.email if person.email_verified else None
    try:
        return people.add(
            change,
            _username(provider, person),
            or_alike=True,
            email=email,
            email_verified=is_trusted(provider, person),
            roles=current_server().registry.default_roles,
        )
    except LoginError as error:
        raise UpstreamError("failed", str(error)) from None


def _is_allowed(provider: Provider, person: Vouched) -> bool:
    if provider.sign_up is not None:
        return provider.sign_up
    settings = current_server().settings
    if settings.signup == "domain":
        return person.email_verified and is_at(person.email, settings.signup_domain_keys)
    return settings.signup == "open"


def _username(provider: Provider, person: Vouched) -> str:
    if person.username and "@" not in person.username and username_fault(person.username) is None:
        return person.username
    return username_from_email(person.email) if person.email else f"{provider.name}-{secrets.token_hex(4)}"
