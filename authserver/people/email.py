"""The address of a person: another one, or none, and whether it is known to be theirs.

OWASP ASVS 5 §6.3.7 (told to the old and to the new address). https://owasp.org/ASVS
"""

from collections.abc import Mapping
from typing import Any, Literal

from authserver import mail
from authserver.events import emit
from authserver.people.change import Change
from authserver.server import Server
from authserver.store import addresses, links, users
from authserver.store.users import User


def change_email(change: Change, user: User, email: str | None, *, verified: bool) -> bool:
    """Replace the address; links that were sent to the old one are void. False where nothing changes.

    Raises `LoginError` where it is malformed or taken.
    """
    addresses.put(change.connection, user.sub, email, change.now, is_verified=verified)
    after = users.get(change.connection, user.sub) or user
    if after.email == user.email:
        if after.email_verified == user.email_verified:
            return False
        change.note("user:email:verified", user.sub, verified=after.email_verified)
        return True
    change.note("user:email:changed", user.sub)
    if user.email:
        # An address that was never proven may be a stranger's, mistyped: the right one is none of their business.
        named = after.email if user.email_verified else None
        change.tell(user, "email_changed", email=named, is_gone=after.email is None)
    if after.email:
        change.tell(after, "email_given")
    return True


def request_email(server: Server, sub: str, email: str, browser: bytes) -> str:
    """Ask for the proof that a person has an address; returns the handle of the page for the code.

    Nothing changes until it is proven.
    """
    handle = send_proof(server, "email", email, browser, sub=sub)
    emit("user:email:requested", sub=sub)
    return handle


def send_proof(
    server: Server,
    kind: Literal["email", "sign_up"],
    email: str,
    browser: bytes,
    *,
    sub: str | None = None,
    detail: Mapping[str, Any] | None = None,
    request: str | None = None,
) -> str:
    """Send a link and a code to an address; returns the handle of the page for the code.

    Where it is another person's, that person is warned instead, and nobody here is told: statements, mails and pages
    are as many and the same. `request` is the handle of what waits meanwhile.
    """
    settings = server.settings
    with server.database.write() as connection:
        owner = users.by_email(connection, email)
        warned = owner.email if owner is not None and owner.sub != sub else None
        sent = links.make_with_page(
            connection,
            kind,
            email,
            server.now(),
            settings.verify_lifetime,
            browser=browser,
            sub=sub,
            detail=detail,
            decoy=warned is not None,
        )
        if warned is not None:
            # To the address as its owner gave it: the spelling that was typed may be another mailbox.
            mail.queue(connection, server, "address_taken", warned)
        else:
            link = f"{settings.issuer}/verify?token={sent.token}" + (f"&request={request}" if request else "")
            mail.queue(
                connection, server, "verify", email, link=link, code=sent.code, lifetime=settings.verify_lifetime
            )
    return sent.handle
