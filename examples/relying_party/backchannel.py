"""The authorization server says that a session is over (OpenID Connect Back-Channel Logout 1.0 §2.5, §2.8)."""

from flask import current_app, jsonify, request
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from examples.relying_party.logout_token import LogoutTokenError
from examples.relying_party.provider import Provider
from examples.relying_party.sessions import Sessions


def backchannel_logout(provider: Provider, sessions: Sessions) -> ResponseReturnValue:
    """End what began with that session. A server calls, and no browser: the token in the form is the proof."""
    try:
        sid = provider.session_that_ended(request.form.get("logout_token", ""))
    except (LogoutTokenError, JoseError, ValueError) as error:
        current_app.logger.warning("Refused a logout token: %s", error)
        return jsonify(error="invalid_request"), 400
    sessions.end_elsewhere(sid)
    return "", 200
