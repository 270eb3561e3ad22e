"""The endpoints: metadata, keys, authorization, token, userinfo, end of session."""

import hashlib
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import unquote_plus, urlencode, urlsplit

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request
from werkzeug import Response as AnyResponse

from tests.patience import PATIENCE
from tests.provider import keys
from tests.provider.state import Grant, State

PARAMETERS = ("client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "prompt", "max_age")


def create_app(state: State) -> Flask:
    """The provider of this state."""
    app = Flask(__name__)
    for rule, view, methods in (
        ("/.well-known/openid-configuration", metadata, ["GET"]),
        ("/jwks.json", jwks, ["GET"]),
        ("/authorize", authorize, ["GET", "POST"]),
        ("/token", token, ["POST"]),
        ("/userinfo", userinfo, ["GET"]),
        ("/end_session", end_session, ["GET"]),
        ("/healthz", lambda _state: Response("ok"), ["GET"]),
    ):
        app.add_url_rule(rule, rule, _served(state, rule.rpartition("/")[2], view), methods=methods)
    return app


def _served(state: State, name: str, view: Callable[[State], AnyResponse]) -> Callable[[], AnyResponse]:
    def answer() -> AnyResponse:
        state.asked.append(name)
        if state.wrong.get(name) == "slow":
            state.may_answer.wait(PATIENCE)
        elif name in state.wrong:
            return _wrong(state, state.wrong[name])
        return view(state)

    return answer


def _wrong(state: State, how: str) -> AnyResponse:
    answers = {
        "html": Response("<h1>Sorry</h1><script>alert(1)</script>", content_type="text/html"),
        "error": Response("<script>alert(1)</script>", 503),
        "redirect": Response(status=302, headers={"Location": f"{state.issuer}/healthz"}),
        "huge": Response(b"[" * 2_000_000, content_type="application/json"),
        "list": jsonify([1, 2]),
        "refused": _json({"error": "invalid_grant", "error_description": "<script>alert(1)</script>"}, 400),
        "deep": Response(b"[" * 100_000, content_type="application/json"),
    }
    return answers.get(how, Response(status=204))


def _json(body: dict[str, object], status: int = 200) -> AnyResponse:
    return make_response(jsonify(body), status)


def metadata(state: State) -> AnyResponse:
    """OpenID Connect Discovery §3."""
    document: dict[str, object] = {
        "issuer": state.issuer,
        "authorization_endpoint": f"{state.issuer}/authorize",
        "token_endpoint": f"{state.issuer}/token",
        "userinfo_endpoint": f"{state.issuer}/userinfo",
        "end_session_endpoint": f"{state.issuer}/end_session",
        "jwks_uri": f"{state.issuer}/jwks.json",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
    return jsonify({name: value for name, value in (document | state.metadata).items() if value is not None})


def jwks(state: State) -> AnyResponse:
    """The public keys."""
    return jsonify({"keys": [keys.public(number) for number in state.published_keys]})


def authorize(state: State) -> AnyResponse:
    """Ask who it is; there are no passwords here."""
    asked = {name: value for name in PARAMETERS if (value := request.values.get(name)) is not None}
    if asked.get("client_id") != state.client_id or urlsplit(asked.get("redirect_uri", "")).hostname not in {
        "localhost",
        "127.0.0.1",
    }:
        return Response("unknown client or redirect_uri", 400)
    if request.method == "GET":
        return make_response(render_template("authorize.html", people=state.people, asked=asked))
    answer: dict[str, str | None] = {"state": asked.get("state"), "iss": state.issuer}
    subject = request.form.get("person", "")
    if subject in state.people:
        answer["code"] = _code(state, subject, asked)
    else:
        answer |= {"error": "access_denied", "error_description": "<script>alert(1)</script>"}
    sent = {name: value for name, value in (answer | state.answer).items() if value is not None}
    return redirect(f"{asked['redirect_uri']}?{urlencode(sent)}", 303)


def _code(state: State, subject: str, asked: dict[str, str]) -> str:
    before = state.signed_in_at.get(subject)
    too_old = "max_age" in asked and before is not None and state.now() - before >= int(asked["max_age"])
    must_sign_in = before is None or "login" in asked.get("prompt", "") or too_old
    if before is None or (must_sign_in and not state.keeps_old_sign_in):
        state.signed_in_at[subject] = state.now()
    code = secrets.token_urlsafe(24)
    state.codes[code] = Grant(subject, asked, state.signed_in_at[subject])
    return code


def token(state: State) -> AnyResponse:
    """Exchange a code: client, redirect URI and PKCE are checked as strictly as anywhere."""
    authorization = request.headers.get("Authorization", "")
    presented = b64decode(authorization.removeprefix("Basic ") or b"").decode().partition(":")
    grant = state.codes.pop(request.form.get("code", ""), None)
    if (unquote_plus(presented[0]), unquote_plus(presented[2])) != (state.client_id, state.client_secret):
        return _json({"error": "invalid_client"}, 401)
    challenge = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
    if (
        grant is None
        or request.form.get("redirect_uri") != grant.parameters["redirect_uri"]
        or urlsafe_b64encode(challenge).rstrip(b"=").decode() != grant.parameters.get("code_challenge")
    ):
        return _json({"error": "invalid_grant"}, 400)
    access_token = secrets.token_urlsafe(24)
    state.access_tokens[access_token] = grant.subject
    id_token = state.jwt(_claims(state, grant, access_token))
    return _json({"access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token})


def _claims(state: State, grant: Grant, access_token: str) -> dict[str, object]:
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    claims: dict[str, object] = {
        "iss": state.issuer,
        "sub": grant.subject,
        "aud": state.client_id,
        "iat": state.now(),
        "exp": state.now() + 300,
        "nonce": grant.parameters.get("nonce"),
        "auth_time": grant.auth_time,
        "amr": ["pwd", "otp"],
        "acr": "urn:example:2",
        "sid": state.sid(grant.subject),
        "at_hash": urlsafe_b64encode(half).rstrip(b"=").decode(),
    }
    return claims | state.people[grant.subject].claims | state.claims


def userinfo(state: State) -> AnyResponse:
    """The claims once more."""
    subject = state.access_tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if subject is None:
        return _json({"error": "invalid_token"}, 401)
    return jsonify({"sub": subject, **state.people[subject].claims})


def end_session(state: State) -> AnyResponse:
    """RP-initiated logout: back to where the client said."""
    state.ended.append(dict(request.args))
    target = request.args.get("post_logout_redirect_uri")
    if target is None:
        return Response("signed out")
    return redirect(f"{target}?{urlencode({'state': request.args.get('state', '')})}", 303)
