"""Who signs out here is signed out at the provider, too, where it has an end-session endpoint and the rules say so.

OpenID Connect RP-Initiated Logout 1.0 §2. https://openid.net/specs/openid-connect-rpinitiated-1_0.html
"""

from urllib.parse import urlencode

import structlog
from flask import Response, request

from authserver.federation.attempt import UNREADABLE, Details, new_attempt, spend_attempt
from authserver.federation.provider import provider_of, upstream_of
from authserver.federation.start import onward
from authserver.pages.current import current_server
from authserver.pages.language import gettext
from authserver.pages.redirect import see_other, see_page
from authserver.protocol.upstream.fault import UpstreamError
from authserver.store.sessions import Session
from authserver.store.upstream import upstream_sessions

_log = structlog.get_logger("authserver")


def leave(session: Session, target: str | None) -> Response | None:
    """The page that leads to the provider's end-session endpoint, and from there on to `target`; None without one.

    To be called when the session has ended and the browser is forgotten: the way back is bound to its new id.
    """
    server = current_server()
    provider = server.providers.get(session.provider or "")
    if provider is None or not provider.sign_out or provider.kind != "openid":
        return None
    try:
        upstream = upstream_of(provider)
        with upstream.called():
            endpoint = upstream.metadata().get("end_session_endpoint")
    except UpstreamError as error:
        # The session here has ended in any case.
        _log.warning("federation:logout_failed", provider=provider.name, detail=error.detail)
        return None
    if endpoint is None:
        return None
    query = {
        "client_id": provider.client_id,
        "post_logout_redirect_uri": f"{server.settings.issuer}/federation/{provider.name}/signed-out",
    }
    with server.database.read() as connection:
        sealed = upstream_sessions.upstream_id_token(connection, session.sid)
    if sealed is not None:
        id_token = server.master.try_unseal(sealed)
        if id_token is None:
            _log.warning("federation:logout_failed", provider=provider.name, detail=UNREADABLE)
            return None
        query["id_token_hint"] = id_token.decode()
    attempt = new_attempt(provider, "sign_out", Details(target=target))
    attempt.keep()
    url = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query | {'state': attempt.state})}"
    return onward(provider, url, gettext("Sign out at %(provider)s", provider=provider.label))


def signed_out(name: str) -> Response:
    """Back from the provider: on to where signing out was to lead, or home."""
    with current_server().database.write() as connection:
        attempt = spend_attempt(connection, provider_of(name), request.args.get("state", ""), "sign_out")
    target = attempt.details.target if attempt else None
    return see_other(target) if target else see_page("accounts.home")
