"""Asking for another e-mail address: a link and a code go to the new one, and nothing changes until it is proven."""

from authserver import mail
from authserver.events import emit
from authserver.store import links, users
from authserver.web.browser import browser_digest
from authserver.web.current import current_server
from authserver.web.redirect import page_url


def request_change(email: str, sub: str) -> str:
    """Send a link and a code to an address that a person says is theirs; returns the page for the code.

    Where it is another person's, that person is warned instead, and nobody here is told.
    """
    server, settings = current_server(), current_server().settings
    with server.database.write() as connection:
        owner = users.by_email(connection, email)
        warned = owner.email if owner is not None and owner.sub != sub else None
        sent = links.make_with_page(
            connection,
            "email",
            email,
            server.now(),
            settings.verify_lifetime,
            browser=browser_digest(),
            sub=sub,
            decoy=warned is not None,
        )
        if warned is not None:
            # To the address as its owner gave it: the spelling that was typed may be another mailbox.
            mail.queue(connection, server, "address_taken", warned)
        else:
            link = f"{settings.issuer}/verify?token={sent.token}"
            mail.queue(
                connection, server, "verify", email, link=link, code=sent.code, lifetime=settings.verify_lifetime
            )
    emit("user:email:requested", sub=sub)
    return page_url("accounts.verify", page=sent.handle)
