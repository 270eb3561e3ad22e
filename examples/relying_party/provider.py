"""What is said to the authorization server: sign in, exchange the code, refresh, revoke, sign out."""

import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote_plus

import requests
from authlib.integrations.flask_client import OAuth
from flask import Flask, request
from joserfc.jwk import KeySet
from werkzeug import Response

from examples.relying_party.logout_token import kid_of, session_that_ended
from examples.relying_party.sessions import SignedIn
from examples.relying_party.settings import Settings

# What it needs for its first page. It asks for more when somebody presses a button that needs more.
SCOPE = "openid profile email offline_access read:reports write:reports read:users write:users"
TIMEOUT = 10


class SignInError(Exception):
    """The answer of the authorization server cannot be accepted; the text says why."""


class Provider:
    """The authorization server, seen from this client. Faults of the network are `requests.RequestException`."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._settings = settings
        self._client = OAuth(app).register(
            "portal",
            client_id=settings.client_id,
            client_secret=settings.secret,
            server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "default_timeout": TIMEOUT},
        )

    def sign_in(self, more: Iterable[str] = (), acr_values: str | None = None) -> Response:
        """Send the browser there, to ask for `more` scopes than the first ones as well.

        `acr_values` are the levels of authentication, one of which the person must reach (RFC 9470 §4).
        Without `resource` (RFC 8707) it is for both APIs. The person is asked only for what they did not allow before.
        """
        asked = {"scope": " ".join((SCOPE, *more))}
        if acr_values:
            # `acr_values` is a wish. An essential claim (OpenID Connect Core §5.5.1.1) has whoever lacks a factor set
            # one up.
            acr = {"essential": True, "values": acr_values.split()}
            asked |= {"acr_values": acr_values, "claims": json.dumps({"id_token": {"acr": acr}})}
        answer: Response = self._client.authorize_redirect(self._settings.callback, **asked)
        answer.status_code = 303
        return answer

    def complete(self) -> SignedIn:
        """Exchange the code that came back. Raises SignInError, or Authlib's errors for a refused answer."""
        # RFC 9207 §2.4: the answer must come from the server that was asked.
        if request.args.get("iss") != self._settings.issuer:
            raise SignInError("The answer does not come from the authorization server that was asked.")
        token = self._client.authorize_access_token(
            # Authlib checks the audience of an ID token only when it is told to.
            claims_options={
                "iss": {"essential": True, "value": self._settings.issuer},
                "aud": {"essential": True, "value": self._settings.client_id},
            },
        )
        if "userinfo" not in token:
            raise SignInError("The answer carries no ID token.")
        return SignedIn(
            person=self._person(token),
            id_token=token["id_token"],
            refresh_token=token.get("refresh_token"),
            # Asked for without `resource` it is for the first API of the client's entry, and for userinfo.
            access_tokens={self._settings.reports: token["access_token"]},
        )

    def _person(self, token: dict[str, Any]) -> dict[str, Any]:
        # OpenID Connect Core §5.4: with a code, name and email are at the userinfo endpoint.
        claims = dict(token["userinfo"])
        person = dict(self._client.userinfo(token=token))
        # OpenID Connect Core §5.3.2: somebody else's claims must not be taken for this person's.
        if person.get("sub") != claims["sub"]:
            raise SignInError("The authorization server described somebody else.")
        return claims | person

    def refresh(self, session: SignedIn, audience: str) -> None:
        """Get a new access token for one audience. The refresh token is replaced at every use (RFC 9700 §4.14)."""
        token = self._client.fetch_access_token(
            grant_type="refresh_token",
            refresh_token=session.refresh_token,
            resource=audience,
            # Authlib would send the scopes of the first page, and so ask for less than the person allowed since.
            scope=None,
        )
        session.access_tokens[audience] = token["access_token"]
        session.refresh_token = token.get("refresh_token", session.refresh_token)
        session.id_token = token.get("id_token", session.id_token)

    def revoke(self, session: SignedIn) -> None:
        """Give the refresh token back, so that no access outlives the sign-out (RFC 7009)."""
        if session.refresh_token:
            # RFC 6749 §2.3.1: both halves are form-encoded first.
            credentials = quote_plus(self._settings.client_id), quote_plus(self._settings.secret)
            body = {"token": session.refresh_token, "token_type_hint": "refresh_token"}
            requests.post(self._metadata["revocation_endpoint"], body, auth=credentials, timeout=TIMEOUT)

    def sign_out(self, session: SignedIn) -> Response:
        """Send the browser to end its session there too (OpenID Connect RP-Initiated Logout §2)."""
        answer: Response = self._client.logout_redirect(
            post_logout_redirect_uri=f"{self._settings.base_url}/",
            id_token_hint=session.id_token,
            client_id=self._settings.client_id,
        )
        return answer

    def confirm_signed_out(self) -> None:
        """Check the `state` that comes back from there. Raises Authlib's OAuthError."""
        self._client.validate_logout_response()

    def session_that_ended(self, token: str) -> str:
        """The `sid` of a logout token. Raises LogoutTokenError, or joserfc's JoseError."""
        keys = self._client.fetch_jwk_set()
        if kid_of(token) not in {key["kid"] for key in keys["keys"]}:
            keys = self._client.fetch_jwk_set(force=True)
        return session_that_ended(
            token,
            KeySet.import_key_set(keys),
            issuer=self._settings.issuer,
            client_id=self._settings.client_id,
            now=time.time(),
        )

    @property
    def _metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = self._client.load_server_metadata()
        return metadata
