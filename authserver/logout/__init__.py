"""How it ends: RP-initiated logout.

OpenID Connect RP-Initiated Logout 1.0 https://openid.net/specs/openid-connect-rpinitiated-1_0.html
"""

from authserver.http.mount import READ_AND_SEND, SEND, Mount
from authserver.logout.end_session import confirmed, end_session
from authserver.server import Server

PAGES = (
    ("/end_session", end_session, READ_AND_SEND),
    ("/end_session/confirmed", confirmed, SEND),
)


def mount(_server: Server) -> Mount:
    return Mount("logout", pages=PAGES)
