"""`/admin/try/<client_id>`: a sign-in as a client would make it, step by step, with what its library has to check.

It is a rehearsal: the rules that check requests and make tokens are asked, and nothing is issued. There is no code to
redeem, no token that anybody accepts, and no redirect; the person is the administrator who looks, and no secret is
needed.
OpenID Connect Core §3.1. https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
"""

import json
import secrets
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import Response, request

from authserver.admin.administrator import Administrator, administers, nobody, shown
from authserver.admin.typed import typed
from authserver.events import emit
from authserver.explain.explanation import Explanation, explain
from authserver.explain.question import Question
from authserver.pages.current import current_server
from authserver.protocol.client.client import CERTIFICATE_METHODS, Client
from authserver.protocol.errors import ShownError
from authserver.protocol.parameters import parse
from authserver.protocol.request.authorization_request import PUSHED, resolve_redirect_uri
from authserver.protocol.request.pkce import EXAMPLE
from authserver.protocol.token import access_token, id_token
from authserver.server import Server

# RFC 7636 appendix B, which belongs to the challenge.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # pragma: allowlist secret
LEFT_OUT = "…"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would be sent, and what would come of it; `refused` says why nothing would.

    `pushed` is the call that brings the parameters ahead, where the client must make one; then `url` has its answer.
    """

    url: str
    pushed: str
    is_signed: bool
    parameters: tuple[tuple[str, str], ...]
    refused: tuple[str, ...]
    answer: str = ""
    token_request: str = ""
    access_token: str = ""
    id_token: str = ""
    userinfo: str = ""


@administers("read:clients", fresh="try:{client_id}")
def try_it(administrator: Administrator, client_id: str) -> Response:
    """Ask what the client sends, or show what would come of it."""
    server = current_server()
    client = server.client(client_id)
    if client is None:
        return nobody()
    asked = {
        "redirect_uri": typed(request.form, "redirect_uri") or next(iter(client.redirect_uris), ""),
        "scope": typed(request.form, "scope") or " ".join(sorted(client.scopes)),
        "resource": typed(request.form, "resource"),
    }
    found = None
    if request.method == "POST":
        emit("client:sign_in:rehearsed", sub=administrator.person.sub, client_id=client_id)
        found = _rehearsed(server, administrator, client, asked)
    return shown("try_it", administrator, current="clients", client=client, asked=asked, found=found)


def _rehearsed(server: Server, administrator: Administrator, client: Client, asked: dict[str, str]) -> Rehearsal:
    issuer, state, nonce = server.settings.issuer, secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    sent = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": asked["redirect_uri"],
        "scope": asked["scope"],
        "state": state,
        "nonce": nonce,
        "code_challenge": EXAMPLE,
        "code_challenge_method": "S256",
    } | ({"resource": asked["resource"]} if asked["resource"] else {})
    url, pushed = f"{issuer}/authorize?{urlencode(sent, quote_via=quote)}", ""
    if server.settings.require_pushed_authorization_requests or client.must_push:
        pushed = _call(server, client, "/par", {"request": LEFT_OUT} if client.must_sign else sent)
        asking = urlencode({"client_id": client.client_id}, quote_via=quote)
        url = f"{issuer}/authorize?{asking}&request_uri={PUSHED}{LEFT_OUT}"
    elif client.must_sign:
        url = f"{issuer}/authorize?{urlencode({'client_id': client.client_id}, quote_via=quote)}&request={LEFT_OUT}"
    sends = url, pushed, client.must_sign, tuple(sent.items())
    question = Question(
        server.registry,
        issuer,
        administrator.person,
        client,
        asked["scope"],
        (asked["resource"],) if asked["resource"] else (),
        administrator.session.provider,
        server.now(),
    )
    with server.database.read() as connection:
        explained = explain(connection, question, server.settings.access_token_lifetime)
    access = {each.name: each.value for each in explained.access_token if each.value is not None}
    person = {each.name: each.value for each in explained.userinfo}
    for each in filter(None, (access, person)):
        each["sub"] = _sub(server, client, each)
    refused = [*_shown_errors(client, sent), *(each.text for each in explained.refusals)]
    if refused:
        return Rehearsal(*sends, tuple(refused))
    separator = "&" if "?" in asked["redirect_uri"] else "?"
    fields = f"code={LEFT_OUT}&{urlencode({'state': state, 'iss': issuer}, quote_via=quote)}"
    return Rehearsal(
        *sends,
        (),
        f"{asked['redirect_uri']}{separator}{fields}",
        _token_request(server, client, asked["redirect_uri"]),
        _jwt(access_token.TYPE, access_token.signing_alg(client, question.api), access),
        _id_token(server, administrator, client, explained, nonce),
        _as_json(person),
    )


def _shown_errors(client: Client, sent: dict[str, str]) -> list[str]:
    try:
        resolve_redirect_uri(parse(urlencode(sent, quote_via=quote).encode()), client)
    except ShownError as error:
        return [f"the person sees {error.error}: {error.description}"]
    return []


def _token_request(server: Server, client: Client, redirect_uri: str) -> str:
    form = {
        "grant_type": "authorization_code",
        "code": LEFT_OUT,
        "redirect_uri": redirect_uri,
        "code_verifier": VERIFIER,
    }
    return _call(server, client, "/token", form)


def _call(server: Server, client: Client, path: str, given: dict[str, str]) -> str:
    """A call that the client authenticates, by the method that is registered."""
    form, base, method = dict(given), server.settings.issuer, client.token_endpoint_auth_method
    by_certificate = method in CERTIFICATE_METHODS or client.certificate_bound_access_tokens
    if by_certificate and server.settings.mtls_url:
        # RFC 8705 §5: where the proxy asks for certificates.
        base = server.settings.mtls_url + server.settings.path
    lines = [f"POST {base}{path}", "Content-Type: application/x-www-form-urlencoded"]
    if client.dpop_bound_access_tokens and path == "/token":
        lines.append(f"DPoP: {LEFT_OUT}")
    if by_certificate:
        lines.append(f"(TLS client certificate: {LEFT_OUT})")
    match method:
        case "none":
            form["client_id"] = client.client_id
        case "tls_client_auth" | "self_signed_tls_client_auth":
            form["client_id"] = client.client_id
        case "client_secret_post":
            form |= {"client_id": client.client_id, "client_secret": LEFT_OUT}
        case "private_key_jwt":
            kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            form |= {"client_assertion_type": kind, "client_assertion": LEFT_OUT}
        case _:
            lines.append(f"Authorization: Basic base64({client.client_id}:{LEFT_OUT})")
    body = (f"{name}={value if value == LEFT_OUT else quote(value, safe='')}" for name, value in form.items())
    return "\n".join([*lines, "", "&\n".join(body)])


def _id_token(server: Server, administrator: Administrator, client: Client, explained: Explanation, nonce: str) -> str:
    if not explained.id_token:
        return ""
    session = administrator.session
    claims = id_token.id_token_claims(
        issuer=server.settings.issuer,
        sub=administrator.person.sub,
        client_id=client.client_id,
        auth_time=session.auth_time,
        amr=session.amr,
        sid=LEFT_OUT,
        access_token="",
        alg=client.id_token_signed_response_alg,
        nonce=nonce,
        now=server.now(),
        lifetime=server.settings.id_token_lifetime,
    )
    said = {each.name: each.value for each in explained.id_token if each.value is not None}
    return _jwt(
        id_token.TYPE,
        client.id_token_signed_response_alg,
        {**claims, "at_hash": LEFT_OUT, **said, "sub": _sub(server, client, said)},
    )


def _sub(server: Server, client: Client, said: dict[str, object]) -> str:
    """The person as this client knows them."""
    return server.pairwise.seen(client, str(said["sub"]))


def _jwt(typ: str, alg: str, claims: dict[str, object]) -> str:
    return f"{_as_json({'alg': alg, 'kid': LEFT_OUT, 'typ': typ})}\n.\n{_as_json(claims)}\n.\n{LEFT_OUT}"


def _as_json(said: dict[str, object]) -> str:
    return json.dumps(said, indent=2, ensure_ascii=False)
