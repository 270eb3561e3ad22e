"""The same link and code once more, new: the old ones are void."""

from authserver.accounts.sign_up import request_verification
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.redirect import page_url
from authserver.people import request_email
from authserver.signin.visit import Visit
from authserver.store import links


def resend(visit: Visit, page: str) -> str | None:
    """Void the link of this page and send another; returns its page. None where it was spent meanwhile."""
    server = current_server()
    with server.database.write() as connection:
        link = links.spend_page(connection, page, browser_digest(), server.now())
    if link is None:
        return None
    if link.kind == "email":
        return page_url("accounts.verify", page=request_email(server, str(link.sub), link.email, browser_digest()))
    return request_verification(link.email, dict(link.detail), visit)
