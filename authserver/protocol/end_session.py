"""RP-initiated logout: what a request may do without asking, and where it may send the browser.

OpenID Connect RP-Initiated Logout 1.0 §2, §3, §6. https://openid.net/specs/openid-connect-rpinitiated-1_0.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import ShownError
from authserver.protocol.parameters import Parameters
from authserver.protocol.request.response_mode import redirect_location


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """Who asks, whose session the hint names, and the checked target with `state`; None where it earned none.

    `trusted` says whether a valid hint vouches for the request: without it the person is asked. `unregistered` is an
    address to return to that this client has not registered.
    """

    client: Client | None
    hinted_sid: str | None
    hinted_sub: str | None
    target: str | None
    trusted: bool
    unregistered: str | None = None


def check_logout(parameters: Parameters, hint: Mapping[str, Any] | None, registry: Registry) -> LogoutRequest:
    """Check a logout request whose `id_token_hint`, if it had one, was verified into `hint`. Raises ShownError."""
    for name in parameters.faults:
        raise ShownError("invalid_request", "A parameter is malformed or was sent twice.", detail=repr(name))
    client_id = parameters.get("client_id")
    if hint is not None:
        if client_id is not None and client_id != hint.get("aud"):
            raise ShownError("invalid_request", "client_id and id_token_hint belong to different clients.")
        client_id = str(hint.get("aud"))
    client = registry.client(client_id)
    target = _target(parameters, client)
    return LogoutRequest(
        client=client,
        hinted_sid=str(hint["sid"]) if hint and "sid" in hint else None,
        hinted_sub=str(hint["sub"]) if hint else None,
        target=target,
        trusted=hint is not None and client is not None,
        unregistered=parameters.get("post_logout_redirect_uri") if target is None else None,
    )


def _target(parameters: Parameters, client: Client | None) -> str | None:
    uri = parameters.get("post_logout_redirect_uri")
    # §3: no redirection unless the URI is exactly one that this client registered.
    if uri is None or client is None or uri not in client.post_logout_redirect_uris:
        return None
    state = parameters.get("state")
    return uri if state is None else redirect_location(uri, [("state", state)])
