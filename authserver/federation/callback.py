"""`/federation/<provider>/callback`: the browser comes back, and everything it brings is checked.

OpenID Connect Core §3.1.2.5-§3.1.3.7; RFC 9207 §2.4; RFC 9700 §4.7.
https://openid.net/specs/openid-connect-core-1_0.html#AuthResponse
"""

from typing import TYPE_CHECKING, Any

from flask import Response, request

from authserver.federation import github
from authserver.federation.attempt import Attempt, UpstreamSignIn, spend_attempt
from authserver.federation.enter import enter
from authserver.federation.linked import link
from authserver.federation.metadata import UpstreamProvider
from authserver.federation.provider import provider_of, upstream_of
from authserver.federation.start import callback_uri
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.protocol.parameters import Parameters, parse
from authserver.protocol.upstream import claims as upstream_claims
from authserver.protocol.upstream import foreign_jwt
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.vouched import may_sign_in, vouched
from authserver.signin.visit import load_visit

if TYPE_CHECKING:
    from authserver.federation.client import UpstreamClient


def callback(name: str) -> Response:
    """Take the answer: once, in the browser that was sent."""
    provider, parameters = provider_of(name), parse(request.query_string)
    with current_server().database.write() as connection:
        attempt = spend_attempt(connection, provider, parameters.get("state") or "", "sign_in", "link")
    visit = load_visit(attempt.details.handle, attempt.details.to) if attempt else None
    if attempt is None or visit is None:
        return stale_page()
    try:
        upstream = upstream_of(provider)
        with upstream.called(), upstream.client() as client:
            tokens = _exchange(upstream, client, attempt, parameters)
            claims = _verify(upstream, client, attempt, tokens)
        person = vouched(provider, claims)
        if person is None:
            raise UpstreamError("failed", "a subject that is missing or malformed")
        sign_in = UpstreamSignIn(attempt, visit, person, tokens)
        _check_rules(sign_in)
        return link(sign_in) if attempt.purpose == "link" else enter(sign_in)
    except UpstreamError as error:
        return attempt.give_up(error)


def _exchange(
    upstream: UpstreamProvider, client: "UpstreamClient", attempt: Attempt, parameters: Parameters
) -> dict[str, Any]:
    """The tokens for the code of an answer that is one."""
    metadata, issuer = upstream.metadata(), parameters.get("iss")
    # RFC 9207 §2.4: whoever answers must be who was asked; where it is promised it must be there.
    promised = metadata.get("authorization_response_iss_parameter_supported") is True
    if (issuer is not None or promised or "iss" in parameters.faults) and issuer != attempt.provider.issuer:
        raise UpstreamError("failed", "the answer comes from another issuer")
    error, code = parameters.get("error"), parameters.get("code")
    if error is not None or "error" in parameters.faults:
        denied = error in {"access_denied", "login_required", "interaction_required", "consent_required"}
        raise UpstreamError("denied" if denied else "failed", f"the provider answered {str(error)[:60]!r}")
    if code is None or parameters.faults:
        raise UpstreamError("failed", "an answer with neither one code nor an error")
    return client.redeem(metadata["token_endpoint"], code, attempt.details.verifier, callback_uri(attempt.provider))


def _verify(
    upstream: UpstreamProvider, client: "UpstreamClient", attempt: Attempt, tokens: dict[str, Any]
) -> dict[str, Any]:
    """What the provider says of the person: by its ID token, and where that has no address by its userinfo."""
    provider = attempt.provider
    if provider.kind == "github":
        return github.claims(client, provider)
    claims = upstream_claims.id_token(
        tokens.get("id_token"),
        upstream.key_sets(),
        upstream.algorithms(),
        issuer=provider.issuer,
        client_id=provider.client_id,
        nonce=attempt.details.nonce,
        access_token=tokens["access_token"],
        now=current_server().now(),
    )
    endpoint = upstream.metadata().get("userinfo_endpoint")
    if "email" in claims or endpoint is None or "email" not in provider.scopes:
        return claims
    userinfo = client.document(endpoint, withhold_token=False)
    sub = userinfo.get("sub")
    # Core §5.3.2: without this comparison somebody else's answer could be slipped in.
    if not isinstance(sub, str) or sub != claims.get("sub"):
        raise UpstreamError("failed", "userinfo about somebody else")
    return userinfo | claims


def _check_rules(sign_in: UpstreamSignIn) -> None:
    """Whether the provider's people may come in, and this one signed in there as freshly as they must have."""
    person, waiting, freshness = sign_in.person, sign_in.visit.waiting, sign_in.attempt.details.demand
    if not may_sign_in(sign_in.provider, person):
        raise UpstreamError("not_allowed", f"domain {person.email_domain!r}, hd {person.hd!r}")
    if freshness is None:
        return
    if person.auth_time is None:
        # A client that takes people from this provider alone hears of it; others can be served by a password.
        if waiting is None or waiting.client.provider != sign_in.provider.name:
            raise UpstreamError("undated", "no auth_time")
        return
    oldest = sign_in.attempt.created_at if freshness.anew else current_server().now() - (freshness.max_age or 0)
    if person.auth_time < oldest - foreign_jwt.SKEW:
        raise UpstreamError("not_fresh", f"auth_time {person.auth_time}")
