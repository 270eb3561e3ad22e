"""Valid requests of newer kinds, to be spoilt in one place, and what the server declares for them."""

import json
import secrets
from dataclasses import replace

from tests.adversary import factor
from tests.adversary.request import Make, Valid
from tests.adversary.target import Target, pairs_of
from tests.flows.assertions import key, public, signed
from tests.flows.dpop import ProofKey
from tests.flows.registering import initial
from tests.flows.registry import CLIENTS_YAML, REPORTS, SECRETS
from tests.flows.relying_party import basic
from tests.flows.test_token_exchange import ACCESS_TOKEN, EXCHANGE, RULES
from tests.flows.workloads import CLIENTS, JWT_BEARER, MAIN
from tests.management.api import CONSOLE

PLATFORM = "https://platform.example.com"
ISSUERS = f"{{platform: {{issuer: '{PLATFORM}', signing_alg: ES256, jwks: {json.dumps(public(key()))}}}}}"
DECLARED = (
    f"workload_issuers: {ISSUERS}\n"
    + CLIENTS_YAML.replace(f"    audience: {REPORTS}\n", f"    audience: {REPORTS}\n{RULES}", 1)
    + CLIENTS
    + CONSOLE
)
APP = {
    "client_name": "An app",
    "redirect_uris": '["https://app.example.org/callback"]',
    "post_logout_redirect_uris": '["https://app.example.org/"]',
    "grant_types": '["authorization_code", "refresh_token"]',
    "response_types": '["code"]',
    "token_endpoint_auth_method": "client_secret_basic",
    "application_type": "web",
    "scope": "openid profile",
    "subject_type": "public",
    "id_token_signed_response_alg": "RS256",
    "userinfo_signed_response_alg": "RS256",
    "client_uri": "https://app.example.org/",
    "contacts": '["ada@example.org"]',
    "jwks": json.dumps(public(key())),
    "software_id": "x",
}


def exchanged(target: Target) -> Valid:
    """What an API shows to get a token for another."""
    parameters = {
        "grant_type": EXCHANGE,
        "subject_token": target.tokens["access_token"],
        "subject_token_type": ACCESS_TOKEN,
        "requested_token_type": ACCESS_TOKEN,
        "audience": "users",
        "scope": "read:users",
    }
    return Valid(body=pairs_of(parameters), authorization=basic("reports", SECRETS["reports"]))


def workload(target: Target) -> Valid:
    """What a job shows to act as a client."""
    now = target.provider.clock.now
    claims = {
        "iss": PLATFORM,
        "sub": MAIN,
        "aud": target.provider.issuer,
        "jti": secrets.token_urlsafe(12),
        "iat": now,
        "exp": now + 300,
        "repository_owner_id": "1234567",
    }
    assertion = signed({"alg": "ES256", "kid": "one", "typ": "JWT"}, claims, key(), "ES256")
    parameters = {
        "grant_type": JWT_BEARER,
        "assertion": assertion,
        "client_id": "deploy",
        "resource": REPORTS,
        "scope": "read:reports",
    }
    return Valid(body=pairs_of(parameters))


def bound(make: Make) -> Make:
    """The same token request, with a proof of a key."""

    def with_proof(target: Target) -> Valid:
        proof = ProofKey(target.provider.clock).proof("POST", f"{target.provider.issuer}/token")
        return replace(make(target), headers={"HTTP_DPOP": proof})

    return with_proof


def with_key(make: Make) -> Make:
    """The same pushed request, for a code that is bound to a key."""

    def with_thumbprint(target: Target) -> Valid:
        valid = make(target)
        named = pairs_of({"dpop_jkt": ProofKey(target.provider.clock).jkt})
        return replace(valid, body=[*valid.body, *named])

    return with_thumbprint


def registers(target: Target) -> Valid:
    """A program registers a client."""
    return Valid(body=pairs_of(APP), authorization=f"Bearer {initial(target.provider)}", as_json=True)


def manages(target: Target) -> Valid:
    """A client looks at itself, or removes itself."""
    return Valid(authorization=f"Bearer {target.registered['registration_access_token']}")


def replaces(target: Target) -> Valid:
    """A client replaces its registration."""
    body = pairs_of(APP | {"client_id": target.registered["client_id"]})
    return replace(manages(target), body=body, as_json=True)


def second_factor(target: Target) -> Valid:
    """A person enters the code that is missing."""
    typed = {"csrf_token": target.csrf_token, "code": factor.code(target.provider)}
    return Valid(body=pairs_of(typed), browser="halfway")
