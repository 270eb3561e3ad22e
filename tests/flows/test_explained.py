"""What an explanation says of tokens and userinfo is what a client really gets."""

from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from authserver.explain.because import ExplainedClaim
from authserver.explain.by_itself import ServiceQuestion, explain_service
from authserver.explain.explanation import Explanation, explain
from authserver.explain.question import Question
from authserver.store import users
from tests.flows.browser import Browser
from tests.flows.certificates import HEADER, PROXY, made
from tests.flows.conftest import MakeProvider
from tests.flows.dpop import bound_client
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS, USERS
from tests.flows.relying_party import EVERYTHING, RelyingParty
from tests.flows.test_token_exchange import RULES

OF_THE_MOMENT = {"iat", "exp", "jti", "auth_time", "sid", "at_hash", "nonce", "amr", "acr", "iss", "kid"}
BY_ITSELF = {"grant_type": "client_credentials"}
NIGHTLY = "    apis: [reports, users]\n    roles: [moderator]\n"
WORDS = ("read:reports", "write:reports", "delete:reports", "read:users", "openid", "nonsense", "READ:reports")
PLACES = (REPORTS, USERS, "https://REPORTS.example.com/", "https://nobody.example.com", "x")


def said(claims: tuple[ExplainedClaim, ...], but: set[str] = OF_THE_MOMENT) -> dict[str, object]:
    """What an explanation says, but for these."""
    return {each.name: each.value for each in claims if each.value is not None and each.name not in but}


def real(claims: dict[str, object], but: set[str] = OF_THE_MOMENT) -> dict[str, object]:
    """What a token says, but for these."""
    return {name: value for name, value in claims.items() if name not in but}


def of_itself(provider: Provider, client_id: str, scope: str | None, resources: tuple[str, ...] = ()) -> Explanation:
    server = provider.app.server
    client = server.client(client_id)
    assert client is not None
    question = ServiceQuestion(
        server.registry, server.settings.issuer, client, scope, resources, server.now(), ("clients", 0)
    )
    return explain_service(question, server.settings.access_token_lifetime)


def is_held_to(found: Explanation, answer: TestResponse, *, but: tuple[str, ...] = ()) -> None:
    """Hold an explanation to what the token endpoint answered."""
    body: dict[str, Any] = answer.get_json()
    if answer.status_code != 200:
        assert (found.access_token, found.header) == ((), ())
        assert found.refusals
        if body["error"] not in {"unauthorized_client", "invalid_client"}:
            assert f"refused with {body['error']}: {body['error_description']}" in found.refusals[0].text
        return
    assert found.refusals == ()
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    # All but what is unique: the lifetime, too.
    assert said(found.access_token, {"jti", *but}) == real(claims, {"jti", *but})
    assert said(found.header) == real(jwt.get_unverified_header(body["access_token"]))
    assert all(each.reasons for each in found.access_token if each.name not in {"iat", "jti"})
    assert (found.id_token, found.userinfo) == ((), ())


@pytest.mark.parametrize("username", ["gus", "root"])
@pytest.mark.parametrize(
    "scope", [EVERYTHING, "openid", "openid read:reports", "openid email write:reports read:users", "openid nonsense"]
)
def test_an_explanation_is_what_the_client_gets(
    provider: Provider, browser: Browser, portal: RelyingParty, username: str, scope: str
) -> None:
    tokens = portal.sign_in(browser, username, scope=scope)
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    userinfo = provider.machine.get("/userinfo", headers=headers).json
    server = provider.app.server
    with server.database.read() as connection:
        user = users.by_login(connection, username)
        client = server.client("portal")
        assert user is not None
        assert client is not None
        question = Question(server.registry, server.settings.issuer, user, client, scope, (), None, server.now())
        found = explain(connection, question, server.settings.access_token_lifetime)
    assert found.refusals == ()
    assert said(found.access_token) == real(tokens.access_claims)
    assert said(found.id_token) == real(tokens.id_claims)
    assert said(found.userinfo) == userinfo
    assert said(found.header) == real(jwt.get_unverified_header(tokens.access_token))


@pytest.mark.parametrize(
    "entry",
    [
        NIGHTLY,
        "    apis: {reports: [read:reports, delete:reports], users: [read:users]}\n    roles: [moderator]\n",
        f"    access_token_lifetime: 77\n    signing_alg: ES256\n{NIGHTLY}",
        f"    unasked: none\n    roles_claim: r\n    permissions_claim: p\n{NIGHTLY}",
        "    claims: {access_token: {roles: r, groups: g}}\n    apis: [users]\n    roles: [admin, guest]\n",
        "    roles: [admin]\n",
        "    apis: [authserver, reports]\n    roles: [admin]\n",
        "    apis: [reports]\n",
    ],
)
def test_a_client_gets_for_itself_what_is_explained(provider: Provider, entry: str) -> None:
    provider.amend(NIGHTLY, entry)
    nightly = provider.client("nightly")
    for scope in ("", "openid", "read:reports", "read:users read:reports", "openid write:users"):
        for resources in ((), (REPORTS,), (USERS,), (REPORTS, USERS)):
            form: dict[str, Any] = BY_ITSELF | {"scope": scope, "resource": list(resources)}
            is_held_to(of_itself(provider, "nightly", scope or None, resources), nightly.post("/token", form))


@given(
    st.sampled_from(["nightly", "importer", "vault", "portal", "dashboard"]),
    st.none() | st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join) | st.text(max_size=20),
    st.lists(st.sampled_from(PLACES) | st.text(max_size=9), max_size=2).map(tuple),
)
@example("nightly", "a\0", ())
@example("nightly", None, ("\0",))
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
def test_no_request_is_explained_otherwise_than_it_is_answered(
    provider: Provider, client_id: str, scope: str | None, resources: tuple[str, ...]
) -> None:
    form: dict[str, Any] = BY_ITSELF | ({} if scope is None else {"scope": scope}) | {"resource": list(resources)}
    is_held_to(of_itself(provider, client_id, scope, resources), provider.client(client_id).post("/token", form))


def test_a_token_that_must_be_bound_says_to_what(make_provider: MakeProvider) -> None:
    provider = make_provider(mtls_header=HEADER, trusted_proxies=PROXY)
    certificate, keyed = made("CN=anything"), bound_client(provider)
    for field, kind, headers, thumbprint in (
        ("dpop_bound_access_tokens", "jkt", keyed.at_token(), keyed.key.jkt),
        ("tls_client_certificate_bound_access_tokens", "x5t#S256", certificate.escaped, certificate.thumbprint),
    ):
        provider.amend("client_id: nightly\n", f"client_id: nightly\n    {field}: true\n")
        found = of_itself(provider, "nightly", None)
        answer = provider.client("nightly").post("/token", BY_ITSELF, **headers)
        is_held_to(found, answer, but=("cnf",))
        (cnf,) = (each for each in found.access_token if each.name == "cnf")
        real_cnf = jwt.decode(answer.get_json()["access_token"], options={"verify_signature": False})["cnf"]
        assert (cnf.value, real_cnf) == ({kind: "…"}, {kind: thumbprint})
        assert cnf.reasons[0].way == ("clients", 0, field)
        provider.amend(f"    {field}: true\n", "")


def test_secrets_that_have_all_expired_are_told(provider: Provider) -> None:
    nightly = provider.client("nightly")
    text = provider.clients_file.read_text()
    before, _, after = text.partition("client_id: nightly\n")
    assert provider.declare(before + "client_id: nightly\n" + after.replace('"}]', '", expires: 2027-01-01}]', 1))
    assert nightly.post("/token", BY_ITSELF).get_json()["error"] == "invalid_client"
    (why,) = of_itself(provider, "nightly", None).refusals
    assert why.text == (
        "nightly cannot authenticate: all its secrets have expired, the last on 2027-01-01 at 00:00 UTC"
    )
    assert why.way == ("clients", 0, "secrets")
    # One that is expired beside one that is not is no reason.
    assert "secrets" not in str(of_itself(provider, "portal", None).refusals)


def test_a_token_for_an_api_that_exchanges_says_so(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    audience = "    audience: https://reports.example.com\n"
    provider.amend(audience, audience + RULES)
    tokens = portal.sign_in(browser, "gus", scope="openid")
    server = provider.app.server
    client = server.client("portal")
    assert client is not None
    with server.database.read() as connection:
        user = users.by_login(connection, "gus")
        assert user is not None
        question = Question(server.registry, server.settings.issuer, user, client, "openid", (), None, server.now())
        found = explain(connection, question, server.settings.access_token_lifetime)
    assert said(found.access_token)["may_act"] == tokens.access_claims["may_act"]
