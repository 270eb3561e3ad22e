"""Identities at providers: which of them sign a person in. Each change is told: somebody else's is noticed."""

from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable

from authserver.people.change import Change
from authserver.people.roles import map_roles
from authserver.protocol.digest import digest
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.vouched import Vouched
from authserver.store import users
from authserver.store.handover import hold
from authserver.store.upstream import identities
from authserver.store.upstream.identities import Identity
from authserver.store.users import User


def link(change: Change, user: User, provider: Provider, person: Vouched, sealed_tokens: bytes | None) -> bool:
    """Let an identity sign this person in. False where it signs in somebody already."""
    added = identities.add(
        change.connection,
        issuer=person.issuer,
        subject=person.subject,
        sub=user.sub,
        provider=provider.name,
        email=person.email,
        sealed_tokens=sealed_tokens,
        now=change.now,
    )
    if added:
        change.note("user:identity:linked", user.sub, provider=provider.name)
        change.tell(user, "sign_in_linked", provider=provider.label)
    return added


def held(change: Change, user: User) -> tuple[User, list[Identity]]:
    """The person as they are and their identities, which nobody else changes until the transaction ends."""
    # Read after the hold: of two removals at once the second sees what the first has left.
    hold(change.connection, user.sub)
    return users.get(change.connection, user.sub) or user, identities.of_person(change.connection, user.sub)


def id_of(identity: Identity) -> str:
    """A name for an identity, which an address can hold: issuer and subject can be any text."""
    return urlsafe_b64encode(digest(f"{identity.issuer}\0{identity.subject}")[:16]).decode().rstrip("=")


def is_last_way_in(user: User, identity: Identity, found: Iterable[Identity], providers: Collection[str]) -> bool:
    """Whether nothing would be left to sign in by without this one: no password, and no other at one of `providers`.

    `found` are those of the person who are `held`. A passkey alone does not count: who loses it would have no way back.
    """
    others = (each for each in found if each != identity and each.provider in providers)
    return user.password_hash is None and not any(others)


def unlink(change: Change, user: User, identity: Identity, *, label: str) -> None:
    """Take an identity from a person; with the last one at a provider go the roles that it gave.

    Whether a way in is left is asked before, of those who are `held`.
    """
    identities.remove(change.connection, user.sub, identity.issuer, identity.subject)
    left = identities.of_person(change.connection, user.sub)
    if all(each.provider != identity.provider for each in left):
        map_roles(change, user, identity.provider, ())
    change.note("user:identity:unlinked", user.sub, provider=identity.provider)
    change.tell(user, "sign_in_unlinked", provider=label)
