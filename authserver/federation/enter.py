"""From a person whom a provider vouches for to a session."""

from dataclasses import asdict

from flask import Response
from sqlalchemy import Connection

from authserver import people
from authserver.federation.attempt import Held
from authserver.federation.new_account import new_account
from authserver.federation.upstream.profile import profile_by
from authserver.federation.upstream.tokens import kept_id_token, kept_tokens, needed_later
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.redirect import see_page
from authserver.people import Change
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.vouched import Vouched, is_trusted
from authserver.signin import begin
from authserver.signin.begin import How
from authserver.signin.visit import Visit
from authserver.store import users
from authserver.store.sessions import Upstream
from authserver.store.upstream import federation_attempts, identities
from authserver.store.users import User


class UnprovenError(Exception):
    """An account has the address, and the provider is not the one to say whose it is: the person must."""

    def __init__(self, sub: str) -> None:
        super().__init__(sub)
        self.sub = sub


def enter(provider: Provider, held: Held, visit: Visit, person: Vouched, tokens: dict[str, object]) -> Response:
    """Sign in; or ask for the password of the account that has the address. Raises UpstreamError."""
    try:
        with current_server().database.write() as connection:
            change = change_by(connection, provider)
            user, is_new = _recognised(change, provider, person, tokens)
            begun = _begin(change, provider, visit, user, person, tokens, is_new=is_new)
    except UnprovenError as error:
        return _ask_for_proof(provider, held, person, tokens, error.sub)
    return begin.finish(visit, begun)


def enter_as(
    connection: Connection, provider: Provider, visit: Visit, user: User, person: Vouched, tokens: dict[str, object]
) -> begin.Begun:
    """Link an identity to an account that was proven, and sign in, in the caller's transaction."""
    change = change_by(connection, provider)
    link_to(change, provider, user, person, tokens)
    return _begin(change, provider, visit, user, person, tokens)


def owned(connection: Connection, provider: Provider, user: User) -> User:
    """The account, now that the owner of its address is here: nothing is left of who had it without proving that."""
    return user if user.email_verified else people.hand_over(change_by(connection, provider), user)


def change_by(connection: Connection, provider: Provider) -> Change:
    """What somebody does who comes through a provider."""
    return people.change_of(current_server(), connection, people.provider(provider.name))


def link_to(change: Change, provider: Provider, user: User, person: Vouched, tokens: dict[str, object]) -> None:
    """Let an identity sign in this person. Raises UpstreamError where it signs in somebody else."""
    if not people.link(change, user, provider, person, kept_tokens(provider, tokens)):
        raise UpstreamError("taken")


def map_roles(change: Change, provider: Provider, user: User, person: Vouched) -> None:
    """Give the roles that follow from what the provider says at this moment."""
    lifetime = provider.roles_lifetime or current_server().settings.mapped_roles_lifetime
    people.map_roles(change, user, provider.name, person.roles, lifetime=lifetime)


def _recognised(change: Change, provider: Provider, person: Vouched, tokens: dict[str, object]) -> tuple[User, bool]:
    connection = change.connection
    identity = identities.find(connection, person.issuer, person.subject)
    if identity is not None:
        user = users.get(connection, identity.sub)
        if user is None or user.disabled_at is not None:
            raise UpstreamError("disabled")
        sealed = kept_tokens(provider, tokens)
        identities.note_use(connection, identity, provider.name, person.email, sealed, change.now)
        return user, False
    user = users.by_email(connection, person.email) if person.email else None
    if user is None:
        user = new_account(change, provider, person)
        link_to(change, provider, user, person, tokens)
        return user, True
    if user.disabled_at is not None:
        raise UpstreamError("disabled")
    is_known = any(each.issuer == person.issuer for each in identities.of_person(connection, user.sub))
    # An address that was given to another subject there may have been given up by the first: it proves nothing.
    if not is_trusted(provider, person) or is_known:
        raise UnprovenError(user.sub)
    user = owned(connection, provider, user)
    link_to(change, provider, user, person, tokens)
    return user, False


def _begin(
    change: Change,
    provider: Provider,
    visit: Visit,
    user: User,
    person: Vouched,
    tokens: dict[str, object],
    *,
    is_new: bool = False,
) -> begin.Begun:
    now = change.now
    map_roles(change, provider, user, person)
    people.change_profile(change, user, profile_by(provider, person, is_new=is_new))
    how = How(
        amr=person.amr,
        # A clock that is ahead must not make a sign-in of tomorrow. What the provider does not say is not known.
        auth_time=None if person.auth_time is None else min(person.auth_time, now),
        upstream=Upstream(provider.name, person.sid, kept_id_token(provider, tokens), person.acr),
        is_expected=is_new,
    )
    return begin.start(change.connection, visit, user, how)


def _ask_for_proof(provider: Provider, held: Held, person: Vouched, tokens: dict[str, object], sub: str) -> Response:
    server = current_server()
    state = federation_attempts.new_state()
    said = asdict(person) | {"roles": sorted(person.roles)}
    kept = Held(handle=held.handle, to=held.to, sub=sub, vouched=said, tokens=needed_later(provider, tokens))
    with server.database.write() as connection:
        federation_attempts.save(
            connection,
            state,
            purpose="prove",
            provider=provider.name,
            browser=browser_digest(),
            sealed=kept.seal(server),
            now=server.now(),
            lifetime=server.settings.request_lifetime,
        )
    return see_page("federation.prove", name=provider.name, attempt=state)
