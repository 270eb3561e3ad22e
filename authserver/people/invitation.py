"""An invitation: a link that lets somebody choose a password, who is new here or was added without one."""

from collections.abc import Iterable

from authserver.people.access import note_ended
from authserver.people.account import hand_over
from authserver.people.add import add
from authserver.people.change import Change
from authserver.protocol.person.username import username_from_email
from authserver.store import addresses, links, users
from authserver.store.addresses import LoginError
from authserver.store.links import Link
from authserver.store.users import User


def invite(
    change: Change, email: str, *, username: str | None, name: str | None, roles: Iterable[str], by_mail: bool
) -> str:
    """Make the link for an address, and mail it unless told otherwise; returns it.

    It goes to the address as the person has it, where there is one. An older link is void, so that what it gave by
    mistake is given no more. Raises `LoginError` where the address has a password, its account is disabled, or the
    username is taken.
    """
    known = users.by_email(change.connection, email)
    # The spelling that was given here may be another mailbox.
    email = (known.email if known else None) or email
    if known is not None and known.password_hash is not None:
        raise LoginError(f"{known.username} already has this address and a password")
    if known is not None and known.disabled_at is not None:
        raise LoginError(f"{known.username} has this address and is disabled")
    if known is None and username and users.by_login(change.connection, username):
        raise LoginError("this username is taken")
    detail = None if known else {"username": username, "name": name, "roles": list(roles) or None}
    settings = change.post.settings
    sub = known.sub if known else None
    if known is None:
        links.void_for_address(change.connection, "invite", email, change.now)
    token = links.make(change.connection, "invite", email, change.now, settings.invite_lifetime, sub=sub, detail=detail)
    link = f"{settings.issuer}/invite?token={token}"
    if by_mail:
        context = {"link": link, "lifetime": settings.invite_lifetime}
        change.post.put(change.connection, change.now, "invite", email, context)
    change.note("user:invitation:sent", sub, to=email)
    return link


def accept(change: Change, link: Link, *, name: str | None, password_hash: str, default: Iterable[str]) -> User:
    """Let whoever came by the link have the account, the address with it. Raises `LoginError` where nobody can."""
    detail = link.detail
    if link.sub is None:
        return add(
            change,
            detail.get("username") or username_from_email(link.email),
            or_alike=not detail.get("username"),
            roles=detail["roles"] if detail.get("roles") is not None else default,
            event="user:invitation:accepted",
            email=link.email,
            email_verified=True,
            name=name,
            password_hash=password_hash,
        )
    user = users.get(change.connection, link.sub)
    if user is None or user.disabled_at is not None or user.email != link.email:
        raise LoginError("this invitation can no longer be accepted")
    if not user.email_verified:
        # As with a forgotten password: whoever had it by a provider's word, or a session, goes.
        user = hand_over(change, user)
    ended = users.set_password(change.connection, user.sub, password_hash, change.now)
    addresses.put(change.connection, user.sub, link.email, change.now, is_verified=True)
    change.note("user:invitation:accepted", user.sub)
    note_ended(change, user, ended)
    if user.password_hash is not None:
        change.tell(user, "password_changed")
    return users.get(change.connection, user.sub) or user
