"""What clients.yaml says of workloads, and what it says of those that are let in too widely."""

from pathlib import Path

import pytest

from tests.clients.files import SOUND, faults_of, load_text, warnings_of

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ISSUERS = """\
workload_issuers:
  github: {issuer: https://token.actions.githubusercontent.com}
  gitlab: {issuer: https://gitlab.com}
  cluster: {issuer: https://kubernetes.default.svc, single_use: false}
"""
OCTET = "{keys: [{kty: oct, k: AAAA}]}"


def file(workload: str = "issuer: github, subject: 'repo:acme/app:pull_request'", more: str = "") -> str:
    return f"{ISSUERS}{SOUND}  - {{client_id: job, name: J, type: service, workloads: [{{{workload}}}]{more}}}\n"


@pytest.mark.parametrize(
    ("more", "grants"),
    [
        ("", {JWT_BEARER}),
        (f", secrets: [{{sha256: '{'0' * 64}'}}]", {JWT_BEARER, "client_credentials"}),
        (f", grant_types: ['{JWT_BEARER}']", {JWT_BEARER}),
    ],
)
def test_a_client_with_workloads_needs_no_secret(tmp_path: Path, more: str, grants: set[str]) -> None:
    assert load_text(tmp_path, file(more=more)).registry.clients["job"].grant_types == grants


@pytest.mark.parametrize(
    ("workload", "where", "what"),
    [
        ("issuer: githb, subject: x", "issuer", "no issuer of workloads is named githb; did you mean github?"),
        ("issuer: github", "subject", "is missing"),
        ("issuer: github, subject: 'a b'", "subject", "must be 1 to 500 printable ASCII characters without space"),
        ("issuer: github, subject: 'repo:a*b*/app'", "subject", "has two *"),
        ("issuer: github, subject: x, claims: {a: [b]}", "claims", ""),
        ("issuer: github, subject: x, claim: {a: b}", "claim", "did you mean claims?"),
    ],
)
def test_what_a_workload_is(tmp_path: Path, workload: str, where: str, what: str) -> None:
    fault = faults_of(tmp_path, file(workload))[0]
    assert f"clients[1].workloads[0].{where}" in fault
    assert what in fault


@pytest.mark.parametrize(
    ("more", "where", "what"),
    [
        (", grant_types: [client_credentials]", "grant_types", f"the workloads of this client need {JWT_BEARER}"),
        (f", grant_types: [client_credentials, '{JWT_BEARER}']", "grant_types", "needs a secret or a key"),
        (
            ", profile: fapi2, token_endpoint_auth_method: private_key_jwt, jwks_uri: 'https://x.example'",
            "workloads",
            "",
        ),
    ],
)
def test_what_fits_a_client_with_workloads(tmp_path: Path, more: str, where: str, what: str) -> None:
    (fault,) = faults_of(tmp_path, file(more=more))
    assert f"clients[1].{where}: " in fault
    assert what in fault


def test_they_are_for_services_and_their_grant_is_for_them(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, file().replace("type: service", "type: native, redirect_uris: ['http://[::1]/']"))
    assert "clients[1].workloads: are for a service client" in fault
    secret = f"secrets: [{{sha256: '{'0' * 64}'}}]"
    other = f"  - {{client_id: o, name: O, type: service, {secret}, grant_types: ['{JWT_BEARER}']}}\n"
    (fault,) = faults_of(tmp_path, SOUND + other)
    assert "needs workloads" in fault


@pytest.mark.parametrize(
    ("entry", "where", "what"),
    [
        ("{}", "issuer", "is missing"),
        ("{issuer: kubernetes/serviceaccount}", "issuer", "such as https://token.actions.githubusercontent.com"),
        ("{issuer: http://cluster.example.com}", "issuer", "must begin with https://"),
        ("{issuer: https://gitlab.com}", "issuer", "is already on line"),
        ("{issuer: http://localhost:8080}", "issuer", "is this server itself"),
        ("{issuer: https://x.example, audience: x}", "audience", "must be an absolute URI"),
        ("{issuer: https://x.example, jwks_uri: 'http://x.example'}", "jwks_uri", "must begin with https://"),
        (f"{{issuer: https://x.example, jwks: {OCTET}}}", "jwks", "is a private or shared one"),
        ("{issuer: https://x.example, signing_alg: HS256}", "signing_alg", ""),
        ("{issuer: https://x.example, signing_alg: none}", "signing_alg", ""),
        ("{issuer: https://x.example, max_lifetime: 90000}", "max_lifetime", ""),
    ],
)
def test_what_an_issuer_is(tmp_path: Path, entry: str, where: str, what: str) -> None:
    fault = faults_of(tmp_path, file().replace("{issuer: https://kubernetes.default.svc, single_use: false}", entry))[0]
    assert f"workload_issuers.cluster.{where}: " in fault
    assert what in fault


@pytest.mark.parametrize(
    "workload",
    [
        "issuer: github, subject: 'repo:*'",
        "issuer: github, subject: '*'",
        "issuer: github, subject: 'repo:acme*/app:pull_request'",
        "issuer: github, subject: 'repo:*/app:ref:refs/heads/main', claims: {ref: refs/heads/main}",
        "issuer: gitlab, subject: 'project_path:*/*:ref_type:branch:ref:main'",
    ],
)
def test_who_lets_in_everybody_with_an_account_is_warned(tmp_path: Path, workload: str) -> None:
    (warning,) = warnings_of(tmp_path, file(workload))
    assert "clients[1].workloads[0].subject: anyone with an account at Git" in warning


@pytest.mark.parametrize(
    ("workload", "what"),
    [
        ("issuer: cluster, subject: 'system:*:*:*'", "every workload of this issuer whose subject has as many parts"),
        ("issuer: github, subject: 'repo:acme/app:*'", "did you mean :ref:refs/heads/*?"),
    ],
)
def test_what_else_is_not_as_it_seems(tmp_path: Path, workload: str, what: str) -> None:
    (warning,) = warnings_of(tmp_path, file(workload))
    assert what in warning


@pytest.mark.parametrize(
    "workload",
    [
        "issuer: github, subject: 'repo:acme/app:ref:refs/heads/*'",
        "issuer: github, subject: 'repo:acme/*:environment:production'",
        "issuer: github, subject: 'repo:*/*:environment:production', claims: {repository_owner_id: 1}",
        "issuer: gitlab, subject: 'project_path:*/*:ref_type:branch:ref:main', claims: {namespace_id: 7}",
        "issuer: cluster, subject: 'system:serviceaccount:shop:*'",
    ],
)
def test_who_names_an_owner_is_not_warned(tmp_path: Path, workload: str) -> None:
    assert warnings_of(tmp_path, file(workload)) == []
