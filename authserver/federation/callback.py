"""`/federation/<provider>/callback`: the browser comes back, and everything it brings is checked.

OpenID Connect Core §3.1.2.5-§3.1.3.7; RFC 9207 §2.4; RFC 9700 §4.7.
https://openid.net/specs/openid-connect-core-1_0.html#AuthResponse
"""

import hmac
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from authserver.federation.attempt import Held, unseal
from authserver.federation.back import back_to_account, back_to_sign_in
from authserver.federation.current import provider_of, upstream_of
from authserver.federation.enter import enter
from authserver.federation.link import link
from authserver.federation.start import callback_uri
from authserver.federation.upstream import github
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.protocol.parameters import Parameters, parse
from authserver.protocol.provider import Provider
from authserver.protocol.upstream import claims as upstream_claims
from authserver.protocol.upstream import foreign_jwt
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.vouched import Vouched, may_sign_in, vouched
from authserver.signin.visit import Visit, load_visit
from authserver.store.upstream import federation_attempts


@dataclass(frozen=True, slots=True)
class Answer:
    """Whom the provider vouches for, and the tokens that say so."""

    person: Vouched
    tokens: dict[str, Any]


def callback(name: str) -> Response:
    """Take the answer: once, in the browser that was sent."""
    provider, server = provider_of(name), current_server()
    parameters = parse(request.query_string)
    state = parameters.get("state") or ""
    with server.database.write() as connection:
        attempt = federation_attempts.spend(connection, state, name, browser_digest(), server.now(), "sign_in", "link")
    held = unseal(attempt.sealed, server) if attempt else None
    visit = load_visit(held.handle, held.to) if held else None
    if attempt is None or held is None or visit is None:
        return stale_page()
    is_link = attempt.purpose == "link"
    try:
        with upstream_of(provider).called():
            answer = _answer(provider, held, parameters)
        _check_rules(provider, held, visit, answer.person, attempt.created_at)
        if is_link:
            return link(provider, held, answer.person, answer.tokens)
        return enter(provider, held, visit, answer.person, answer.tokens)
    except UpstreamError as error:
        return back_to_account(provider, error) if is_link else back_to_sign_in(provider, held, error)


def _answer(provider: Provider, held: Held, parameters: Parameters) -> Answer:
    upstream = upstream_of(provider)
    is_github = provider.kind == "github"
    metadata = {} if is_github else upstream.metadata()
    issuer = parameters.get("iss")
    # RFC 9207 §2.4: whoever answers must be who was asked; where it is promised it must be there.
    promised = metadata.get("authorization_response_iss_parameter_supported") is True
    if (issuer is not None or promised or "iss" in parameters.faults) and issuer != provider.issuer:
        raise UpstreamError("failed", "the answer comes from another issuer")
    error, code = parameters.get("error"), parameters.get("code")
    if error is not None or "error" in parameters.faults:
        denied = error in {"access_denied", "login_required", "interaction_required", "consent_required"}
        raise UpstreamError("denied" if denied else "failed", f"the provider answered {str(error)[:60]!r}")
    if code is None or parameters.faults:
        raise UpstreamError("failed", "an answer with neither one code nor an error")
    with upstream.session() as session:
        endpoint = github.token_endpoint(provider) if is_github else metadata["token_endpoint"]
        tokens = session.redeem(endpoint, code, held.verifier, callback_uri(provider))
        if is_github:
            claims = github.claims(session, provider)
        else:
            claims = upstream_claims.id_token(
                tokens.get("id_token"),
                upstream.key_sets(),
                upstream.algorithms(),
                issuer=provider.issuer,
                client_id=provider.client_id,
                nonce=held.nonce,
                access_token=tokens["access_token"],
                now=current_server().now(),
            )
            if "email" not in claims and "userinfo_endpoint" in metadata and "email" in provider.scopes:
                claims = _with_userinfo(claims, session.document(metadata["userinfo_endpoint"], withhold_token=False))
    person = vouched(provider, claims)
    if person is None:
        raise UpstreamError("failed", "a subject that is missing or malformed")
    return Answer(person, tokens)


def _with_userinfo(claims: dict[str, Any], userinfo: dict[str, Any]) -> dict[str, Any]:
    # Core §5.3.2: without this comparison somebody else's answer could be slipped in.
    sub = userinfo.get("sub")
    if not isinstance(sub, str) or not hmac.compare_digest(sub.encode(), str(claims.get("sub")).encode()):
        raise UpstreamError("failed", "userinfo about somebody else")
    return userinfo | claims


def _check_rules(provider: Provider, held: Held, visit: Visit, person: Vouched, began: int) -> None:
    if not may_sign_in(provider, person):
        raise UpstreamError("not_allowed", f"domain {person.email_domain!r}, hd {person.hd!r}")
    demand = held.demand
    if demand is None:
        return
    if person.auth_time is None:
        # A client that takes people from this provider alone hears of it; others can be served by a password.
        if visit.waiting is None or visit.waiting.client.provider != provider.name:
            raise UpstreamError("undated", "no auth_time")
        return
    oldest = began if demand.anew else current_server().now() - (demand.max_age or 0)
    if person.auth_time < oldest - foreign_jwt.SKEW:
        raise UpstreamError("not_fresh", f"auth_time {person.auth_time}")
