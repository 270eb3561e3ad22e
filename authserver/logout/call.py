"""The call to a client's server that carries a logout token: no redirect, a small answer, and where it may lead.

OpenID Connect Back-Channel Logout 1.0 §2.5. https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRequest
"""

from requests import RequestException, Response, Session

from authserver.outbound.client import bind, failure
from authserver.outbound.fault import CallError
from authserver.outbound.transport import Transport
from authserver.outbox.kind import AwayError, LaterError
from authserver.protocol.client.client import Client
from authserver.server import FORM
from authserver.settings import Settings

TIMEOUT = 10.0
MOST_BYTES = 16 * 1024


def post_token(settings: Settings, client: Client, url: str, token: str) -> Response:
    """Send it; the answer, whatever its status. Raises AwayError, LaterError."""
    with Session() as session:
        bind(session, transport_to(client, settings))
        try:
            return session.post(url, data={"logout_token": token}, headers={"Content-Type": FORM})
        except CallError as error:
            raise _of(error) from None
        except RequestException as error:
            raise _of(failure(error)) from None


def transport_to(client: Client, settings: Settings) -> Transport:
    """How a client's server is called: at a public address, unless the settings or its entry allow for others."""
    # What the setting allows is for addresses that an administrator chose.
    is_chosen = settings.logout_to_private_network and not client.self_registered
    is_private = client.on_private_network or is_chosen or settings.is_loopback
    return Transport(TIMEOUT, anywhere=is_private, http=is_private, most_bytes=MOST_BYTES)


def _of(error: CallError) -> AwayError | LaterError:
    return AwayError(error.detail) if error.is_away else LaterError(error.detail)
