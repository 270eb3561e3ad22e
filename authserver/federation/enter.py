"""From a person whom a provider vouches for to a session: who it is, then in."""

from dataclasses import asdict
from typing import Any

from flask import Response

from authserver import people
from authserver.federation.attempt import Details, UpstreamSignIn, new_attempt
from authserver.federation.new_account import new_account
from authserver.pages.current import current_server
from authserver.pages.redirect import see_page
from authserver.people import Change
from authserver.protocol.acr import methods_by_provider
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.vouched import Vouched, is_trusted
from authserver.signin import begin
from authserver.signin.begin import Authentication
from authserver.store import Connection, users
from authserver.store.factors import held
from authserver.store.sessions import UpstreamSession
from authserver.store.upstream import identities
from authserver.store.users import User


class UnprovenError(Exception):
    """An account has the address, and the provider is not the one to say whose it is: the person must."""

    def __init__(self, sub: str) -> None:
        super().__init__(sub)
        self.sub = sub


def enter(sign_in: UpstreamSignIn) -> Response:
    """Sign in; or ask for a proof of the account that has the address. Raises UpstreamError."""
    try:
        with current_server().database.write() as connection:
            change = change_by(connection, sign_in.provider)
            user, is_new = _recognized(change, sign_in)
            begun = _begin(change, sign_in, user, is_new=is_new)
    except UnprovenError as error:
        return _ask_for_proof(sign_in, error.sub)
    return begin.finish(sign_in.visit, begun)


def enter_as(
    connection: Connection, sign_in: UpstreamSignIn, user: User, amr: tuple[str, ...]
) -> begin.Begun | begin.Halfway:
    """Link an identity to an account that was proven, by `amr`, and sign in, in the caller's transaction.

    Who has a second factor has not proven it yet, and no way in is added before: they are signed in without, and can
    link the identity in their own area.
    """
    if held.has_second(connection, user.sub):
        return begin.start(connection, sign_in.visit, user, Authentication(amr=amr))
    change = change_by(connection, sign_in.provider)
    link_to(change, sign_in, user)
    return _begin(change, sign_in, user)


def owned(connection: Connection, provider: Provider, user: User) -> User:
    """The account, now that the owner of its address is here: nothing is left of who had it without proving that."""
    return user if user.email_verified else people.hand_over(change_by(connection, provider), user)


def change_by(connection: Connection, provider: Provider) -> Change:
    """What somebody does who comes through a provider."""
    return people.change_of(current_server(), connection, people.provider(provider.name))


def link_to(change: Change, sign_in: UpstreamSignIn, user: User) -> None:
    """Let an identity sign in this person. Raises UpstreamError where it signs in somebody else."""
    if not people.link(change, user, sign_in.provider, sign_in.person, sign_in.sealed_tokens()):
        raise UpstreamError("taken")


def map_roles(change: Change, sign_in: UpstreamSignIn, user: User) -> None:
    """Give the roles that follow from what the provider says at this moment."""
    provider = sign_in.provider
    lifetime = provider.roles_lifetime or current_server().settings.mapped_roles_lifetime
    people.map_roles(change, user, provider.name, sign_in.person.roles, lifetime=lifetime)


def _recognized(change: Change, sign_in: UpstreamSignIn) -> tuple[User, bool]:
    """The account of this identity, or of its address, or a new one; and whether it is new."""
    connection, provider, person = change.connection, sign_in.provider, sign_in.person
    identity = identities.find(connection, person.issuer, person.subject)
    if identity is not None:
        user = users.get(connection, identity.sub)
        if user is None or user.disabled_at is not None:
            raise UpstreamError("disabled")
        identities.note_use(connection, identity, provider.name, person.email, sign_in.sealed_tokens(), change.now)
        return user, False
    user = users.by_email(connection, person.email) if person.email else None
    if user is None:
        user = new_account(change, sign_in)
        link_to(change, sign_in, user)
        return user, True
    is_known = any(each.issuer == person.issuer for each in identities.of_person(connection, user.sub))
    # An address that was given to another subject there may have been given up by the first: it proves nothing.
    if not is_trusted(provider, person) or is_known:
        raise UnprovenError(user.sub)
    # Told to whose it is, and to nobody who merely has the address at a provider.
    if user.disabled_at is not None:
        raise UpstreamError("disabled")
    user = owned(connection, provider, user)
    link_to(change, sign_in, user)
    return user, False


def _begin(change: Change, sign_in: UpstreamSignIn, user: User, *, is_new: bool = False) -> begin.Begun | begin.Halfway:
    provider, person = sign_in.provider, sign_in.person
    map_roles(change, sign_in, user)
    people.change_profile(change, user, profile_by(provider, person, is_new=is_new))
    # A clock that is ahead must not make a sign-in of tomorrow. What the provider does not say is not known.
    auth_time = None if person.auth_time is None else min(person.auth_time, change.now)
    is_proven = provider.proves_second_factor(person.amr)
    authentication = Authentication(
        amr=person.amr,
        auth_time=auth_time,
        lacks_nothing=is_proven,
        factor_at=auth_time if is_proven else None,
        upstream=UpstreamSession(provider.name, person.sid, sign_in.sealed_id_token(), person.acr),
        is_expected=is_new,
        methods=methods_by_provider(person.acr, person.amr, provider.acr, provider.amr),
    )
    return begin.start(change.connection, sign_in.visit, user, authentication)


def profile_by(provider: Provider, person: Vouched, *, is_new: bool) -> dict[str, Any]:
    """All that the provider says for a new account, later what the rules name; what it leaves out stays as it is."""
    said: dict[str, Any] = dict(person.further) if is_new else {}
    if person.name is not None and (is_new or "name" in provider.refresh):
        # Its parts go with it: a new name beside an old family name would be nobody's.
        parts = {"given_name": person.given_name, "family_name": person.family_name}
        said |= {"name": person.name, **parts, "middle_name": person.further.get("middle_name")}
    if person.picture is not None and (is_new or "picture" in provider.refresh):
        said["picture"] = person.picture
    return said


def _ask_for_proof(sign_in: UpstreamSignIn, sub: str) -> Response:
    before, person = sign_in.attempt.details, sign_in.person
    said = asdict(person) | {"roles": sorted(person.roles)}
    details = Details(handle=before.handle, to=before.to, sub=sub, vouched=said, tokens=sign_in.tokens_for_later())
    attempt = new_attempt(sign_in.provider, "prove", details)
    attempt.keep()
    return see_page("federation.prove", name=sign_in.provider.name, attempt=attempt.state)
