"""The metadata document: what this server does, and nothing else.

RFC 8414 §2; OpenID Connect Discovery 1.0 §3; RFC 9728 §2 (of an API); RFC 9207 §3; RFC 9449 §5.1; RFC 8705 §3.3, §5;
RFC 9701 §7; RFC 8414 §3.1 for where it lies.
https://www.rfc-editor.org/rfc/rfc8414#section-2
"""

from collections.abc import Collection
from typing import get_args

from authserver.protocol.client import assertion
from authserver.protocol.client import authentication as client_authentication
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import CERTIFICATE_METHODS, SigningAlg
from authserver.protocol.person.known_claims import STANDARD, KnownClaims
from authserver.protocol.request import pkce, response_mode, scope
from authserver.protocol.request.authorization_request import CREATE, PROMPTS
from authserver.protocol.token import dpop, id_token, userinfo

# RFC 9728 §3: where a resource server's document lies, before the path of its address.
PROTECTED_RESOURCE = "/.well-known/oauth-protected-resource"


# RFC 8705 §5: what a client calls that may have to show its certificate.
MTLS_ENDPOINTS = (
    *("token_endpoint", "revocation_endpoint", "introspection_endpoint", "userinfo_endpoint"),
    *("pushed_authorization_request_endpoint", "device_authorization_endpoint"),
)


def protected_resource(api: Api, issuer: str) -> dict[str, object] | None:
    """The metadata of an API (RFC 9728 §2), its permissions as scopes; None of one whose audience is no address."""
    if not api.audience.startswith(("https://", "http://")):
        return None
    return {
        "resource": api.audience,
        "authorization_servers": [issuer],
        "bearer_methods_supported": ["header"],
        **({"scopes_supported": list(api.permissions)} if api.permissions else {}),
    }


def metadata(
    issuer: str,
    grant_types: Collection[str],
    id_token_algs: Collection[str],
    languages: Collection[str],
    *,
    may_sign_up: bool = False,
    must_push: bool = False,
    is_fapi: bool = False,
    may_register: bool = False,
    takes_certificates: bool = False,
    mtls_url: str | None = None,
    known: KnownClaims = STANDARD,
    levels: Collection[str] = (),
) -> dict[str, object]:
    """The document for an issuer. Both well-known places serve it, so that they agree.

    `id_token_algs` are those of clients.yaml; who registers may have any. `is_fapi`: every client follows FAPI 2.0, and
    nothing weaker is offered to any.
    `mtls_url` is the issuer under the host for clients with certificates, if that is another one. `levels` are the
    declared ones.
    """
    if may_register:
        id_token_algs = get_args(SigningAlg)
    # RFC 8414 §2: which `alg` a client may sign with, to authenticate anywhere, or its requests.
    algs = sorted(assertion.algorithms(is_fapi=is_fapi))
    # Whoever asks may have any of them by their entry.
    answers = sorted(alg for alg in get_args(SigningAlg) if alg != "RS256" or not is_fapi)
    offered = [each for each in client_authentication.METHODS if takes_certificates or each not in CERTIFICATE_METHODS]
    confidential = [each for each in offered if each != "none"]
    methods = [each for each in offered if "secret" not in each and each != "none"] if is_fapi else offered
    document: dict[str, object] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "device_authorization_endpoint": f"{issuer}/device_authorization",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks.json",
        "pushed_authorization_request_endpoint": f"{issuer}/par",
        "require_pushed_authorization_requests": must_push or is_fapi,
        "revocation_endpoint": f"{issuer}/revoke",
        "introspection_endpoint": f"{issuer}/introspect",
        "end_session_endpoint": f"{issuer}/end_session",
        **({"registration_endpoint": f"{issuer}/register"} if may_register else {}),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "scopes_supported": list(scope.in_order({*scope.SUPPORTED, *known.by_scope})),
        "response_types_supported": ["code"],
        "response_modes_supported": list(response_mode.SUPPORTED),
        "grant_types_supported": sorted(grant_types),
        "acr_values_supported": list(levels) or [id_token.OWN_ACR],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": sorted({"RS256", *id_token_algs}),
        "userinfo_signing_alg_values_supported": answers,
        "introspection_signing_alg_values_supported": answers,
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": confidential,
        **{
            f"{endpoint}_endpoint_auth_signing_alg_values_supported": algs
            for endpoint in ("token", "revocation", "introspection")
        },
        "code_challenge_methods_supported": list(pkce.METHODS),
        "dpop_signing_alg_values_supported": [alg for alg in dpop.ALGORITHMS if alg != "RS256" or not is_fapi],
        "authorization_response_iss_parameter_supported": True,
        "claims_supported": [
            "iss",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "amr",
            "acr",
            "sid",
            "at_hash",
            *userinfo.SUPPORTED,
            *known.own,
        ],
        "ui_locales_supported": list(languages),
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": algs,
        "request_uri_parameter_supported": False,
        "prompt_values_supported": [*PROMPTS, *([CREATE] if may_sign_up else ())],
        **({"tls_client_certificate_bound_access_tokens": True} if takes_certificates else {}),
    }
    if mtls_url is not None:
        document["mtls_endpoint_aliases"] = {
            name: mtls_url + str(document[name]).removeprefix(issuer) for name in MTLS_ENDPOINTS
        }
    return document
