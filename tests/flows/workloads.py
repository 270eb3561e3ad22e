"""Workloads of three platforms, their tokens, and a server that lets them act as clients."""

import json
import secrets
from typing import Any

from werkzeug.test import TestResponse

from tests.flows.provider import Provider
from tests.provider.running import running
from tests.provider.state import State

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
MAIN = "repo:acme/app:ref:refs/heads/main"
POD = "system:serviceaccount:shop:billing"
JOB = "project_path:acme/app:ref_type:branch:ref:main"
CLIENTS = """
  - client_id: deploy
    name: Deployments
    type: service
    workloads:
      - {issuer: platform, subject: "repo:acme/app:ref:refs/heads/main", claims: {repository_owner_id: 1234567}}
      - {issuer: platform, subject: "repo:acme/app:ref:refs/tags/v*", claims: {repository_owner_id: 1234567}}
    apis: [reports, users]
    roles: [moderator]
  - client_id: billing
    name: Billing
    type: service
    workloads: [{issuer: platform, subject: "system:serviceaccount:shop:billing"}]
    apis: [reports]
    roles: [guest]
  - client_id: pages
    name: Pages
    type: service
    workloads: [{issuer: platform, subject: "project_path:acme/*:ref_type:branch:ref:main"}]
    apis: [reports]
    roles: [guest]
"""


def let_in(provider: Provider, issuer: str, more: str = "", clients: str = CLIENTS) -> None:
    """Declare the issuer, with `more` of its entry as flow YAML, and the clients that its workloads may act as."""
    text = provider.clients_file.read_text()
    entry = f"workload_issuers:\n  platform: {{issuer: '{issuer}'{more}}}\n"
    assert provider.declare(entry + text + clients), provider.app.server._registry.faults  # type: ignore[attr-defined]


def github(platform: State, audience: str, **changes: Any) -> str:
    """The token of a job of GitHub Actions; claims changed, or left out where None."""
    claims = {
        "iss": platform.issuer,
        "sub": MAIN,
        "aud": audience,
        "jti": secrets.token_urlsafe(12),
        "iat": platform.now(),
        "nbf": platform.now() - 5,
        "exp": platform.now() + 300,
        "repository": "acme/app",
        "repository_owner": "acme",
        "repository_owner_id": "1234567",
        "ref": "refs/heads/main",
        "event_name": "push",
    }
    return platform.jwt(claims | changes)


def gitlab(platform: State, audience: str, **changes: Any) -> str:
    """The ID token of a job of GitLab CI."""
    claims = {
        "iss": platform.issuer,
        "sub": JOB,
        "aud": audience,
        "jti": secrets.token_urlsafe(12),
        "iat": platform.now(),
        "nbf": platform.now() - 5,
        "exp": platform.now() + 3600,
        "project_id": "42",
        "namespace_id": "7",
        "ref_protected": "true",
    }
    return platform.jwt(claims | changes)


def kubernetes(platform: State, audience: str, **changes: Any) -> str:
    """The token of a service account, as a pod finds it in a file: no typ, and a list for its audience."""
    claims = {
        "iss": platform.issuer,
        "sub": POD,
        "aud": [audience],
        "iat": platform.now(),
        "nbf": platform.now(),
        "exp": platform.now() + 3600,
        "kubernetes.io": {"namespace": "shop", "serviceaccount": {"name": "billing", "uid": "1"}},
    }
    return platform.jwt(claims | changes, typ="")


def ask(provider: Provider, assertion: str, **data: str) -> TestResponse:
    """A token request by an assertion."""
    headers = {name: data.pop(name) for name in ("Authorization", "DPoP") if name in data}
    return provider.post("/token", {"grant_type": JWT_BEARER, "assertion": assertion} | data, **headers)


def claims_of(provider: Provider, response: TestResponse) -> dict[str, Any]:
    """The claims of the access token in an answer."""
    assert response.status_code == 200, response.text
    return provider.verify(response.get_json()["access_token"], "at+jwt")


def refused(response: TestResponse, status: int = 400) -> tuple[str, str]:
    """The error and its description."""
    assert response.status_code == status, response.text
    body = json.loads(response.data)
    return body["error"], body["error_description"]


def works(provider: Provider) -> None:
    """A job gets a token."""
    with running("authserver", "x", provider.clock) as platform:
        let_in(provider, platform.issuer)
        assert ask(provider, github(platform, provider.issuer)).status_code == 200
