"""Sign out from the home page: the session ends on the server, and a copy of its cookie with it.

OWASP ASVS 5 §7.4.1. https://owasp.org/ASVS
"""

from flask import Response

from authserver import people
from authserver.pages.browser import forget_browser
from authserver.pages.current import current_server
from authserver.pages.redirect import see_page
from authserver.signin.session import clear_cookie, current_session


def sign_out() -> Response:
    """End the session of this browser, if any, and go home, by way of the provider that wants to hear of it."""
    server, session = current_server(), current_session()
    if session is not None:
        with server.database.write() as connection:
            people.log_out(people.change_of(server, connection), session)
    forget_browser()
    response = (server.leave_upstream(session, None) if session else None) or see_page("accounts.home")
    clear_cookie(response, server.settings)
    return response
