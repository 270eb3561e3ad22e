"""An API that was sent a person's token calls another API on that person's behalf.

RFC 8693. https://www.rfc-editor.org/rfc/rfc8693
"""

from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from tests.flows.conftest import MakeProvider
from tests.flows.dpop import bound_client
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS, SECRETS, USERS
from tests.flows.relying_party import Tokens, basic

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
STORAGE = "https://storage.example.com"
RULES = "    exchanges: {users: {read:users: [read:reports], write:users: [write:reports, delete:reports]}}\n"
ONWARD = """    exchanges: {storage: {"read:files": [read:users]}, reports: {read:reports: [read:users]}}
  storage:
    audience: https://storage.example.com
    permissions: {"read:files": Read files}
    secrets: [{sha256: "0000000000000000000000000000000000000000000000000000000000000000"}]
"""


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """The server: reports may call users, and users may call reports and storage."""
    provider = make_provider()
    provider.amend("    audience: https://reports.example.com\n", f"    audience: {REPORTS}\n{RULES}")
    provider.amend("roles:\n  guest:", f"{ONWARD}roles:\n  guest:")
    provider.amend("  user: [read:users,", '  user: ["read:files", read:users,')
    return provider


def token(provider: Provider, username: str = "mia", **changes: str) -> str:
    """A person's token for reports, or another API."""
    tokens: Tokens = provider.client("portal").sign_in(
        provider.browser(), username, **{"scope": "openid", "resource": REPORTS} | changes
    )
    return tokens.access_token


def exchange(provider: Provider, subject: str, caller: str = "reports", **changes: Any) -> TestResponse:
    data: dict[str, Any] = {
        "grant_type": EXCHANGE,
        "subject_token": subject,
        "subject_token_type": ACCESS_TOKEN,
        "audience": "users",
    }
    headers = {"Authorization": basic(caller, SECRETS[caller])}
    return provider.post(
        "/token", {name: each for name, each in (data | changes).items() if each is not None}, **headers
    )


def exchanged(provider: Provider, subject: str, caller: str = "reports", **changes: Any) -> dict[str, Any]:
    """The claims of the new token."""
    response = exchange(provider, subject, caller, **changes)
    assert response.status_code == 200, response.text
    return provider.verify(response.get_json()["access_token"], "at+jwt")


def refusal(provider: Provider, subject: str, caller: str = "reports", **changes: Any) -> tuple[str, str]:
    response = exchange(provider, subject, caller, **changes)
    assert response.status_code == 400, response.text
    return response.get_json()["error"], response.get_json()["error_description"]


def test_the_new_token_is_the_persons_for_the_other_api_and_says_who_acts(provider: Provider) -> None:
    subject = token(provider)
    response = exchange(provider, subject)
    body = response.get_json()
    assert (body["issued_token_type"], body["token_type"], body["scope"]) == (
        ACCESS_TOKEN,
        "Bearer",
        "read:users write:users",
    )
    assert "refresh_token" not in body
    assert "id_token" not in body
    claims, before = provider.verify(body["access_token"], "at+jwt"), provider.verify(subject, "at+jwt")
    assert (claims["sub"], claims["aud"], claims["client_id"]) == (provider.people["mia"], USERS, "reports")
    assert (claims["act"], before["may_act"]) == ({"sub": "reports"}, {"sub": "reports"})
    assert claims["permissions"] == ["read:users", "write:users"]
    assert claims["auth_time"] == before["auth_time"]
    assert not claims.keys() & {"roles", "groups"}


def test_it_is_alive_at_introspection_and_says_who_acts_there(provider: Provider) -> None:
    new = exchange(provider, token(provider)).get_json()["access_token"]
    answer = provider.introspect(new, "users")
    assert (answer["active"], answer["act"], answer["username"]) == (True, {"sub": "reports"}, "mia")
    assert (answer["permissions"], answer["scope"]) == (["read:users", "write:users"], "read:users write:users")


@pytest.mark.parametrize(
    ("username", "scope", "permissions"),
    [
        ("ada", "openid", ["read:users"]),
        ("mia", "openid", ["read:users", "write:users"]),
        ("mia", "openid read:reports", ["read:users"]),
        ("mia", "openid write:reports", ["write:users"]),
        ("root", "openid delete:reports", ["write:users"]),
    ],
)
def test_each_permission_there_needs_one_that_the_shown_token_carries_and_the_persons_roles(
    provider: Provider, username: str, scope: str, permissions: list[str]
) -> None:
    assert exchanged(provider, token(provider, username, scope=scope))["permissions"] == permissions


def test_a_token_that_carries_nothing_which_opens_anything_is_refused_in_words(provider: Provider) -> None:
    provider.amend("read:users: [read:reports], ", "")
    error, words = refusal(provider, token(provider, scope="openid read:reports"))
    assert error == "invalid_scope"
    assert "nothing that clients.yaml lets it be exchanged for" in words


def test_less_may_be_asked_for_and_never_more(provider: Provider) -> None:
    subject = token(provider)
    assert exchanged(provider, subject, scope="read:users")["permissions"] == ["read:users"]
    narrowed = token(provider, scope="openid read:reports")
    assert refusal(provider, narrowed, scope="write:users")[0] == "invalid_scope"
    assert exchanged(provider, narrowed, scope="read:users write:users")["scope"] == "read:users"
    for scope in ("openid", "read:users openid", "delete:everything", "offline_access"):
        assert refusal(provider, subject, scope=scope)[0] == "invalid_scope"


def test_it_never_outlives_the_token_that_it_was_made_of(provider: Provider) -> None:
    subject = token(provider)
    ends = provider.verify(subject, "at+jwt")["exp"]
    assert exchanged(provider, subject)["exp"] == provider.clock.now + 300
    provider.clock.pass_(1700)
    assert exchanged(provider, subject)["exp"] == ends
    provider.clock.pass_(200)
    assert refusal(provider, subject)[0] == "invalid_request"


@pytest.mark.parametrize("end", ["disable", "revoke", "sign out", "role"])
def test_what_ends_the_first_ends_the_second(provider: Provider, end: str) -> None:
    portal, browser = provider.client("portal"), provider.browser()
    tokens = portal.sign_in(browser, "mia", scope="openid", resource=REPORTS)
    new = exchange(provider, tokens.access_token).get_json()["access_token"]
    if end == "disable":
        provider.disable("mia")
    elif end == "revoke":
        portal.revoke(tokens.refresh_token)
    elif end == "sign out":
        browser.submit(browser.open("/account"), "Sign out")
    else:
        provider.give_roles("mia", "guest")
        assert provider.introspect(new, "users")["permissions"] == []
        assert refusal(provider, tokens.access_token)[0] == "invalid_scope"
        return
    assert not provider.introspect(new, "users")["active"]
    assert refusal(provider, tokens.access_token)[0] == "invalid_request"


def test_a_token_that_was_revoked_by_itself_buys_nothing(provider: Provider) -> None:
    subject = token(provider)
    provider.client("portal").revoke(subject)
    assert refusal(provider, subject)[0] == "invalid_request"


def test_a_chain_names_everyone_who_handed_it_on_and_ends(provider: Provider) -> None:
    first = exchange(provider, token(provider, "root")).get_json()["access_token"]
    claims = exchanged(provider, first, "users", audience="storage")
    assert (claims["aud"], claims["client_id"]) == (STORAGE, "users")
    assert claims["act"] == {"sub": "users", "act": {"sub": "reports"}}
    held, caller = token(provider, "root"), "reports"
    for _ in range(5):
        other = "users" if caller == "reports" else "reports"
        held = exchange(provider, held, caller, audience=other).get_json()["access_token"]
        caller = other
    error, words = refusal(provider, held, caller, audience="reports")
    assert (error, "exchanged 5 times" in words) == ("invalid_request", True)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "x"}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"actor_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"audience": None}, "invalid_target"),
        ({"audience": "reports"}, "invalid_target"),
        ({"audience": "storage"}, "invalid_target"),
        ({"audience": "nothing"}, "invalid_target"),
        ({"audience": "users", "resource": REPORTS}, "invalid_target"),
        ({"audience": None, "resource": STORAGE}, "invalid_target"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused(provider: Provider, changes: dict[str, Any], error: str) -> None:
    assert refusal(provider, token(provider), **changes)[0] == error


@pytest.mark.parametrize(
    "named",
    [{"audience": USERS}, {"audience": None, "resource": USERS}, {"audience": "users", "resource": USERS + "/"}],
)
def test_the_api_is_named_by_name_or_audience(provider: Provider, named: dict[str, Any]) -> None:
    asked = {"requested_token_type": ACCESS_TOKEN} | named
    assert exchanged(provider, token(provider), **asked)["aud"] == USERS


def test_a_token_of_another_kind_or_for_another_is_refused(provider: Provider) -> None:
    portal = provider.client("portal")
    tokens = portal.sign_in(provider.browser(), "mia", scope="openid offline_access")
    for_users = token(provider, resource=USERS)
    of_a_service = provider.client("nightly").post("/token", {"grant_type": "client_credentials", "resource": REPORTS})
    for wrong in (tokens.id_token, tokens.refresh_token, for_users, of_a_service.get_json()["access_token"]):
        assert refusal(provider, wrong)[0] == "invalid_request"


def test_only_an_api_that_may_is_served_and_only_with_its_secret(provider: Provider) -> None:
    subject = token(provider)
    data = {"grant_type": EXCHANGE, "subject_token": subject, "subject_token_type": ACCESS_TOKEN, "audience": "users"}
    wrong = provider.post("/token", data, Authorization=basic("reports", SECRETS["users"]))
    assert (wrong.status_code, wrong.get_json()["error"]) == (401, "invalid_client")
    assert provider.post("/token", data | {"client_id": "reports"}).status_code == 401
    of_client = provider.client("portal").post("/token", data)
    assert of_client.get_json()["error"] == "unauthorized_client"
    provider.amend(RULES, "")
    assert refusal(provider, subject)[0] == "unauthorized_client"


def test_what_clients_yaml_takes_back_is_gone_from_tokens_that_were_exchanged(provider: Provider) -> None:
    new = exchange(provider, token(provider)).get_json()["access_token"]
    provider.amend(", write:users: [write:reports, delete:reports]", "")
    assert provider.introspect(new, "users")["permissions"] == ["read:users"]
    provider.amend("    exchanges: {users: {read:users: [read:reports]}}\n", "")
    assert not provider.introspect(new, "users")["active"]


def test_an_exchanged_token_opens_neither_userinfo_nor_the_management_api(provider: Provider) -> None:
    new = exchange(provider, token(provider, "root")).get_json()["access_token"]
    assert provider.userinfo(new).status_code in {401, 403}
    assert provider.call("GET", "/api/v1/users", headers={"Authorization": f"Bearer {new}"}).status_code in {401, 403}


def test_may_act_that_names_another_is_kept_to(provider: Provider) -> None:
    subject = token(provider)
    claims = jwt.decode(subject, options={"verify_signature": False}) | {"may_act": {"sub": "users"}}
    signed = provider.app.server.keys.sign(claims, "at+jwt", provider.clock.now, "RS256")
    error, words = refusal(provider, signed)
    assert (error, "may_act" in words) == ("invalid_request", True)


def test_a_proof_binds_the_new_token_to_the_key_of_the_api(provider: Provider) -> None:
    data = {
        "grant_type": EXCHANGE,
        "subject_token": token(provider),
        "subject_token_type": ACCESS_TOKEN,
        "audience": "users",
    }
    keyed = bound_client(provider)
    headers = {"Authorization": basic("reports", SECRETS["reports"])} | keyed.at_token()
    body = provider.post("/token", data, **headers).get_json()
    assert body["token_type"] == "DPoP"
    assert provider.verify(body["access_token"], "at+jwt")["cnf"] == {"jkt": keyed.key.jkt}


def test_it_is_an_event_of_the_person_and_the_api(provider: Provider) -> None:
    exchange(provider, token(provider))
    found = [each for each in provider.events("token:access_token:issued") if each.get("grant_type") == EXCHANGE]
    assert [(each["sub"], each["client_id"]) for each in found] == [(provider.people["mia"], "reports")]
