"""The pages of the relying party."""

import json
import time
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from flask import Blueprint, Flask, Response, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from joserfc.errors import JoseError

from examples.relying_party.actions import Action, actions, call
from examples.relying_party.backchannel import backchannel_logout
from examples.relying_party.provider import SCOPE, Provider, SignInError
from examples.relying_party.sessions import Sessions, SignedIn
from examples.relying_party.settings import Settings
from examples.relying_party.tokens import decode, readable, seconds_left

EXPIRES_SOON = 10
# The person said no, or cannot reach the level of authentication that was asked for.
DECLINED = frozenset({"access_denied", "unmet_authentication_requirements"})


def create_app(settings: Settings) -> Flask:
    """The application; see `settings.py` for what it must be told."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.cookie_key,
        SESSION_COOKIE_NAME="portal_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        MAX_CONTENT_LENGTH=10_000,
    )
    csrf = CSRFProtect(app)
    portal = Portal(app, settings)
    csrf.exempt(portal.backchannel_logout)
    app.register_blueprint(portal.blueprint())
    return app


class Portal:
    """The routes, over the one provider and the one store of sessions."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.settings = settings
        self.provider = Provider(app, settings)
        self.sessions = Sessions(settings.database)
        self.actions = actions(settings)

    def blueprint(self) -> Blueprint:
        portal = Blueprint("portal", __name__)
        portal.get("/")(self.home)
        portal.get("/sign-in")(self.sign_in)
        portal.get("/callback")(self.callback)
        portal.post("/call/<name>")(self.call)
        portal.post("/refresh")(self.refresh)
        portal.post("/sign-out")(self.sign_out)
        portal.post("/backchannel-logout")(self.backchannel_logout)
        portal.get("/healthz")(lambda: "ok")
        portal.after_app_request(self.secure)
        portal.app_errorhandler(OAuthError)(self.refused)
        portal.app_errorhandler(SignInError)(self.refused)
        portal.app_errorhandler(JoseError)(self.refused)
        portal.app_errorhandler(CSRFError)(self.forged)
        portal.app_errorhandler(requests.RequestException)(self.unreachable)
        return portal

    def home(self) -> ResponseReturnValue:
        """The start page, or everything about the person who is signed in."""
        if "state" in request.args:
            return self._returned_from_sign_out()
        signed_in = self.sessions.find(session.get("id"))
        if signed_in is None:
            return render_template("welcome.html", issuer=self.settings.issuer)
        return render_template("home.html", **self._view(signed_in))

    def sign_in(self) -> ResponseReturnValue:
        session.pop("wanted", None)
        session.pop("more", None)
        return self.provider.sign_in()

    def callback(self) -> ResponseReturnValue:
        """Back from the authorization server, with a code or an error."""
        wanted = session.pop("wanted", None)
        if request.args.get("error") in DECLINED:
            flash(_declined(wanted))
            return redirect(url_for("portal.home"), 303)
        signed_in = self.provider.complete()
        answer = None
        if wanted:
            session["more"] = wanted["more"]
            answer = self._try(signed_in, self.actions[wanted["name"]])
        self.sessions.end(session.pop("id", None))
        session["id"] = self.sessions.start(signed_in)
        onward = self._ask(wanted["name"], answer, wanted["acr_values"]) if answer else None
        return onward or redirect(url_for("portal.home"), 303)

    def call(self, name: str) -> ResponseReturnValue:
        """A button: call the resource server and show its answer."""
        if name not in self.actions:
            return self._error("There is no such button.", 404)
        action = self.actions[name]
        with self.sessions.locked(session.get("id")) as signed_in:
            if signed_in is None:
                return redirect(url_for("portal.home"), 303)
            answer = self._try(signed_in, action)
        return self._ask(name, answer) or redirect(url_for("portal.home", _anchor="answer"), 303)

    def _ask(self, name: str, answer: dict[str, Any], asked_before: str | None = None) -> ResponseReturnValue | None:
        """Ask the person for what the resource server misses, once each; the button is pressed again afterwards."""
        more, acr_values = session.get("more", []), answer["acr_values"]
        permission = self.actions[name].permission
        if answer["status"] == 403 and permission not in {*SCOPE.split(), *more}:
            more = [*more, permission]
        elif acr_values is None or acr_values == asked_before:
            return None
        session["wanted"] = {"name": name, "more": more, "acr_values": acr_values}
        return self.provider.sign_in(more, acr_values)

    def _try(self, signed_in: SignedIn, action: Action) -> dict[str, Any]:
        token = signed_in.access_tokens.get(action.audience)
        # A token for the other API is fetched when it is first needed: each token is for one audience.
        if token is None or seconds_left(token) < EXPIRES_SOON:
            self.provider.refresh(signed_in, action.audience)
        signed_in.last_call = call(action, signed_in.access_tokens[action.audience])
        return signed_in.last_call

    def refresh(self) -> ResponseReturnValue:
        """Replace every access token now: roles that were given or taken since are in the new ones."""
        with self.sessions.locked(session.get("id")) as signed_in:
            if signed_in is None:
                return redirect(url_for("portal.home"), 303)
            before = decode(signed_in.access_tokens[self.settings.reports])[1]
            for audience in tuple(signed_in.access_tokens):
                self.provider.refresh(signed_in, audience)
            after = decode(signed_in.access_tokens[self.settings.reports])[1]
        until = time.strftime("%H:%M:%S", time.localtime(after["exp"]))
        flash(f"Refreshed. Access token {before['jti']} is replaced by {after['jti']}, good until {until}.")
        return redirect(url_for("portal.home"), 303)

    def sign_out(self) -> ResponseReturnValue:
        """End the session here, give back the refresh token, and end the session at the authorization server."""
        signed_in = self.sessions.end(session.get("id"))
        session.clear()
        if signed_in is None:
            return redirect(url_for("portal.home"), 303)
        self.provider.revoke(signed_in)
        answer = self.provider.sign_out(signed_in)
        answer.status_code = 303
        return answer

    def backchannel_logout(self) -> ResponseReturnValue:
        return backchannel_logout(self.provider, self.sessions)

    def secure(self, response: Response) -> Response:
        """No script, no framing, no copies in caches."""
        issuer = self.settings.issuer
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {issuer}; "
            "frame-ancestors 'none'; base-uri 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    def refused(self, error: Exception) -> ResponseReturnValue:
        """The authorization server said no, or its answer failed a check: begin again."""
        current_app.logger.warning("Refused: %s", error)
        if getattr(error, "error", None) == "invalid_grant":
            self.sessions.end(session.pop("id", None))
            flash("Your sign-in has ended. Sign in again.")
            return redirect(url_for("portal.home"), 303)
        return self._error("The sign-in did not succeed. Start again; an old tab or a second try is often why.", 400)

    def forged(self, _error: CSRFError) -> ResponseReturnValue:
        return self._error("This page was too old. Go back, reload it and press the button again.", 400)

    def unreachable(self, error: requests.RequestException) -> ResponseReturnValue:
        current_app.logger.warning("Unreachable: %s", type(error).__name__)
        return self._error("Another server cannot be reached now. Try again in a moment.", 502)

    def _returned_from_sign_out(self) -> ResponseReturnValue:
        self.provider.confirm_signed_out()
        flash("You are signed out, here and at the authorization server.")
        return redirect(url_for("portal.home"), 303)

    def _error(self, text: str, status: int) -> ResponseReturnValue:
        return render_template("error.html", text=text), status

    def _view(self, signed_in: SignedIn) -> dict[str, Any]:
        tokens = [
            readable(f"Access token for {audience.rpartition('/')[2]}", "Read by the resource server.", token)
            for audience, token in signed_in.access_tokens.items()
        ]
        tokens.append(readable("ID token", "Read by this portal: who signed in, and when.", signed_in.id_token))
        claims = [decode(token)[1] for token in signed_in.access_tokens.values()]
        last = signed_in.last_call
        return {
            "person": signed_in.person,
            "roles": claims[0].get("roles", []),
            "permissions": sorted({word for each in claims for word in each.get("permissions", [])}),
            "actions": self.actions,
            "last": {**last, "body": _pretty(last["body"])} if last else None,
            "tokens": tokens,
        }


def _declined(wanted: dict[str, Any] | None) -> str:
    if wanted is None:
        return "You chose not to give the portal access, so you are not signed in."
    if wanted["acr_values"] is None:
        return "You chose not to give the portal access to that."
    return "That needs a stronger sign-in, so nothing was done."


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
