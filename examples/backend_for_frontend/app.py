"""The routes: sign in and out, who is signed in, and the way to the APIs."""

import secrets
from datetime import timedelta
from urllib.parse import quote

import requests
from authlib.integrations.base_client import OAuthError
from flask import Flask, Response, current_app, jsonify, redirect, request, session
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from examples.relying_party.backchannel import backchannel_logout
from examples.relying_party.provider import TIMEOUT, Provider, SignInError
from examples.relying_party.sessions import Sessions, SignedIn
from examples.relying_party.settings import Settings
from examples.relying_party.tokens import seconds_left

LIFETIME = timedelta(minutes=30)
# The page has a button for it, and cannot ask later as the portal does.
MORE = ("delete:reports",)
EXPIRES_SOON = 10
# A page of another origin cannot send this without being asked first, and it would be refused (CORS).
OWN_HEADER = "X-Portal"
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_app(settings: Settings) -> Flask:
    """The application; see examples/relying_party/settings.py for what it must be told."""
    app = Flask(__name__, static_url_path="/static")
    app.config.update(
        SECRET_KEY=settings.cookie_key,
        SESSION_COOKIE_NAME="__Host-session" if settings.base_url.startswith("https:") else "session",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # From the last request on: Flask refuses the cookie afterwards, whatever the browser does with it.
        PERMANENT_SESSION_LIFETIME=LIFETIME,
        MAX_CONTENT_LENGTH=10_000,
    )
    backend = Backend(Provider(app, settings), Sessions(settings.database), settings)
    app.get("/")(backend.page)
    app.get("/sign-in")(backend.sign_in)
    app.get("/callback")(backend.callback)
    app.get("/session")(backend.who)
    app.post("/sign-out")(backend.sign_out)
    app.post("/backchannel-logout")(backend.backchannel_logout)
    app.route("/api/<name>", methods=["GET", "POST"], defaults={"rest": ""})(backend.call)
    app.route("/api/<name>/<path:rest>", methods=["GET", "POST", "DELETE"])(backend.call)
    app.get("/healthz", endpoint="health")(lambda: "ok")
    for refused in (OAuthError, SignInError, JoseError):
        app.register_error_handler(refused, backend.refused)
    app.register_error_handler(requests.RequestException, backend.unreachable)
    app.after_request(_secure)
    return app


class Backend:
    """Keeps the tokens and adds them to the calls that the page makes."""

    def __init__(self, provider: Provider, sessions: Sessions, settings: Settings) -> None:
        self._provider = provider
        self._sessions = sessions
        self._apis = {"reports": settings.reports, "users": settings.users}

    def page(self) -> ResponseReturnValue:
        """The page, which is the same for everybody."""
        if "state" in request.args:
            self._provider.confirm_signed_out()
            return redirect("/", 303)
        return current_app.send_static_file("index.html")

    def sign_in(self) -> ResponseReturnValue:
        return self._provider.sign_in(MORE)

    def callback(self) -> ResponseReturnValue:
        """Back from the authorization server: a new session, whatever there was before."""
        signed_in = self._provider.complete()
        self._sessions.end(session.get("id"))
        session.clear()
        session.permanent = True
        session["id"] = self._sessions.start(signed_in)
        return redirect("/", 303)

    def who(self) -> ResponseReturnValue:
        """What the page may know of the person; no token."""
        signed_in = self._sessions.find(session.get("id"))
        return jsonify(signed_in.person if signed_in else None)

    def sign_out(self) -> ResponseReturnValue:
        """End the session here; the page then goes where it is told, to end it at the authorization server."""
        if OWN_HEADER not in request.headers:
            return _error(403, "forbidden")
        signed_in = self._sessions.end(session.pop("id", None))
        if signed_in is None:
            return jsonify(location="/")
        self._provider.revoke(signed_in)
        return jsonify(location=self._provider.sign_out(signed_in).location)

    def backchannel_logout(self) -> ResponseReturnValue:
        return backchannel_logout(self._provider, self._sessions)

    def call(self, name: str, rest: str) -> ResponseReturnValue:
        """Pass a call on to an API with the access token for it, and the answer back."""
        if OWN_HEADER not in request.headers:
            return _error(403, "forbidden")
        audience = self._apis.get(name)
        # Nothing may lead out of the API that the token is for.
        if audience is None or {".", ".."} & set(rest.split("/")):
            return _error(404, "not_found")
        with self._sessions.locked(session.get("id")) as signed_in:
            if signed_in is None:
                return _error(401, "signed_out")
            token = self._access_token(signed_in, audience)
        answer = requests.request(
            request.method,
            f"{audience}/{quote(rest)}" if rest else audience,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            data=request.get_data() or None,
            timeout=TIMEOUT,
            allow_redirects=False,
        )
        return Response(answer.content, answer.status_code, mimetype="application/json")

    def _access_token(self, signed_in: SignedIn, audience: str) -> str:
        token = signed_in.access_tokens.get(audience)
        if token is None or seconds_left(token) < EXPIRES_SOON:
            self._provider.refresh(signed_in, audience)
        return signed_in.access_tokens[audience]

    def refused(self, error: Exception) -> ResponseReturnValue:
        """The authorization server said no, or its answer failed a check: begin again."""
        reference = secrets.token_hex(4)
        current_app.logger.warning("Refused (%s): %s", reference, error)
        if getattr(error, "error", None) == "invalid_grant":
            self._sessions.end(session.pop("id", None))
            return _error(401, "signed_out")
        return Response(f"The sign-in did not succeed. Start again. ({reference})", 400, mimetype="text/plain")

    def unreachable(self, error: requests.RequestException) -> ResponseReturnValue:
        current_app.logger.warning("Unreachable: %s", type(error).__name__)
        return _error(502, "unreachable")


def _error(status: int, code: str) -> ResponseReturnValue:
    return jsonify(error=code), status


def _secure(response: Response) -> Response:
    response.headers.update(SECURITY)
    return response
