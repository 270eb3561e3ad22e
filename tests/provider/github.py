"""A GitHub on the loopback: OAuth 2.0 without ID tokens, as an Enterprise Server lays out its addresses."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from werkzeug import Response as AnyResponse

OCTO = {
    "id": 42,
    "login": "octo",
    "name": "Octo Cat",
    "avatar_url": None,
    "html_url": "https://github.com/octo",
    "blog": "octo.example",
}


@dataclass
class GitHub:
    """`user` and `emails` are what its API says of whoever signs in."""

    user: Any = field(default_factory=lambda: dict(OCTO))
    emails: Any = field(
        default_factory=lambda: [
            {"email": "other@example.org", "primary": False, "verified": True},
            {"email": "octo@example.org", "primary": True, "verified": True},
        ]
    )
    challenge: str = ""
    issuer: str = ""


def create_app(state: GitHub) -> Flask:
    """The GitHub of this state."""
    app = Flask(__name__)
    token, code = secrets.token_urlsafe(8), secrets.token_urlsafe(8)

    @app.get("/login/oauth/authorize")
    def authorize() -> AnyResponse:
        assert "nonce" not in request.args
        state.challenge = request.args["code_challenge"]
        return redirect(f"{request.args['redirect_uri']}?{urlencode({'code': code, 'state': request.args['state']})}")

    @app.post("/login/oauth/access_token")
    def access_token() -> AnyResponse:
        if request.form["code"] != code or not request.form["code_verifier"]:
            return jsonify({"error": "bad_verification_code", "error_description": "<script>alert(1)</script>"})
        return jsonify({"access_token": token, "token_type": "bearer", "scope": "read:user,user:email"})

    def api(answer: str) -> AnyResponse:
        if request.headers.get("Authorization") != f"Bearer {token}":
            return Response("Requires authentication", 401)
        return jsonify(getattr(state, answer))

    app.add_url_rule("/api/v3/user", "user", lambda: api("user"))
    app.add_url_rule("/api/v3/user/emails", "emails", lambda: api("emails"))
    return app
