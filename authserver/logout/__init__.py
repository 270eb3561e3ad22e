"""How it ends: a client asks for it (RP-initiated logout), and every client that took part hears of it (back-channel).

OpenID Connect RP-Initiated Logout 1.0 https://openid.net/specs/openid-connect-rpinitiated-1_0.html
OpenID Connect Back-Channel Logout 1.0 https://openid.net/specs/openid-connect-backchannel-1_0.html
"""

from authserver.http.mount import READ_AND_SEND, SEND, Mount
from authserver.logout.backchannel import LogoutTokens
from authserver.logout.end_session import confirmed, end_session
from authserver.server import Server

PAGES = (
    ("/end_session", end_session, READ_AND_SEND),
    ("/end_session/confirmed", confirmed, SEND),
)


def mount(server: Server) -> Mount:
    return Mount("logout", pages=PAGES, jobs=[LogoutTokens(server)])
