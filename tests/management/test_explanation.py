"""`GET /users/{sub}/explanation`: what a client would get for a person, and what made each claim."""

from typing import Any

import pytest

from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.management.api import Api
from tests.management.planning import PLANNING, by_itself


def explained(api: Api, username: str, query: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/users/{api.provider.people[username]}/explanation?{query}")
    return found


@on_both
def test_it_says_what_the_token_says_and_where_that_comes_from(provider: Provider, admin: Api) -> None:
    found = explained(admin, "ada", "client_id=portal")
    tokens = provider.client("portal").sign_in(provider.browser(), "ada", scope="openid profile email")
    said = {each["name"]: each["value"] for each in found["access_token"]}
    assert {name: said[name] for name in ("sub", "aud", "roles", "permissions")} == {
        name: tokens.access_claims[name] for name in ("sub", "aud", "roles", "permissions")
    }
    assert found["refusals"] == []
    reasons = {each["name"]: each["reasons"] for each in found["access_token"]}
    text = provider.clients_file.read_text().splitlines()
    (client,) = reasons["client_id"]
    assert "client_id: portal" in text[client["line"] - 1]
    role = reasons["roles"][0]
    assert (role["text"], role["line"]) == ("user was given by an administrator", None)
    assert {each["name"] for each in found["userinfo"]} >= {"sub"}


def test_a_refusal_says_why_and_where(provider: Provider, admin: Api) -> None:
    found = explained(admin, "ada", "client_id=backoffice")
    (why,) = found["refusals"]
    assert why["text"] == "backoffice lets in whoever has one of admin, moderator; ada has user"
    assert "allow: " in provider.clients_file.read_text().splitlines()[why["line"] - 1]
    assert (found["access_token"], found["userinfo"]) == ([], [])


def test_the_request_is_asked_as_the_client_would(admin: Api) -> None:
    resource = "client_id=portal&scope=openid&resource=https://users.example.com"
    found = {each["name"]: each["value"] for each in explained(admin, "ada", resource)["access_token"]}
    assert (found["aud"], found["scope"]) == ("https://users.example.com", "openid")
    (why,) = explained(admin, "ada", "client_id=portal&resource=https://nobody.example.com")["refusals"]
    assert "invalid_target" in why["text"]


def test_it_takes_both_permissions(provider: Provider, admin: Api, moderator: Api) -> None:
    path = f"/users/{provider.people['ada']}/explanation?client_id=portal"
    # A moderator sees people, and no clients.
    refused = moderator.call("GET", path)
    assert (refused.status_code, 'scope="read:clients"' in refused.headers["WWW-Authenticate"]) == (403, True)
    assert provider.declare(PLANNING)
    assert by_itself(provider, "planner").call("GET", path).status_code == 403
    assert admin.call("GET", path).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        *("", "client_id=nobody", "client_id=portal&client_id=kiosk", "client_id=portal&more=1"),
        *("client_id=portal&scope=%1b[31m", 'client_id=portal&scope="', "client_id=portal&provider=../x"),
        f"client_id={'x' * 300}",
    ],
)
def test_a_question_that_cannot_be_is_refused(provider: Provider, admin: Api, query: str) -> None:
    assert admin.call("GET", f"/users/{provider.people['ada']}/explanation?{query}").status_code == 400


def test_who_has_no_way_to_sign_in_yet_is_told_of(admin: Api) -> None:
    sub = admin.call("POST", "/users", {"username": "new", "email": "new@example.com"}).get_json()["sub"]
    found = admin.get(f"/users/{sub}/explanation?client_id=portal")
    assert [each["text"].partition(":")[0] for each in found["notes"]] == ["new has no way to sign in yet"]
    assert (found["refusals"], explained(admin, "ada", "client_id=portal")["notes"]) == ([], [])


NIGHTLY = "/clients/nightly/explanation"


@on_both
def test_a_client_by_itself_is_explained_with_the_lines(provider: Provider, admin: Api) -> None:
    found = admin.get(f"{NIGHTLY}?scope=read:users%20openid&resource=https://users.example.com")
    form = {"grant_type": "client_credentials", "scope": "read:users openid", "resource": "https://users.example.com"}
    nightly = provider.client("nightly")
    tokens = nightly.tokens(nightly.post("/token", form))
    said = {each["name"]: each["value"] for each in found["access_token"] if each["value"] is not None}
    assert {**said, "jti": ""} == {**tokens.access_claims, "jti": ""}
    assert {each["name"]: each["value"] for each in found["header"]} == {"alg": "RS256", "typ": "at+jwt"}
    assert (found["refusals"], found["id_token"], found["userinfo"]) == ([], [], [])
    text = provider.clients_file.read_text().splitlines()
    reasons = {each["name"]: each["reasons"] for each in found["access_token"]}
    assert "client_id: nightly" in text[reasons["sub"][0]["line"] - 1]
    assert "access_token_lifetime: 300" in text[reasons["exp"][0]["line"] - 1]
    assert [each["text"] for each in reasons["permissions"]] == [
        "read:users is given by moderator",
        "write:users is left out: the client asked for scopes of users, and not for this one",
    ]
    assert reasons["scope"][1]["text"] == "openid is left out: no person signs in"


def test_why_a_client_gets_nothing_for_itself_is_said_with_the_line(provider: Provider, admin: Api) -> None:
    (why,) = admin.get("/clients/dashboard/explanation")["refusals"]
    assert why["text"] == "dashboard gets no tokens for itself: it may not use client_credentials"
    assert "client_id: dashboard" in provider.clients_file.read_text().splitlines()[why["line"] - 1]
    (why,) = admin.get("/clients/importer/explanation?resource=https://users.example.com")["refusals"]
    assert ("invalid_target" in why["text"], "It may name https://reports.example.com" in why["text"]) == (True, True)
    texts = [each["text"] for each in admin.get("/clients/importer/explanation?scope=write:reports%20x")["refusals"]]
    assert "invalid_scope" in texts[0]
    assert texts[1:] == [
        "write:reports: the client's roles do not give it",
        "x is no permission of the API reports",
    ]


def test_a_client_by_itself_takes_both_permissions_too(provider: Provider, admin: Api, moderator: Api) -> None:
    refused = moderator.call("GET", NIGHTLY)
    assert (refused.status_code, 'scope="read:clients"' in refused.headers["WWW-Authenticate"]) == (403, True)
    assert provider.declare(PLANNING)
    assert by_itself(provider, "planner").call("GET", NIGHTLY).status_code == 403
    for path, status in (
        *((NIGHTLY, 200), ("/clients/nobody/explanation", 404), ("/clients/dcr.x/explanation", 404)),
        *((f"{NIGHTLY}?provider=github", 400), (f"{NIGHTLY}?scope=%22", 400), (f"{NIGHTLY}?client_id=portal", 400)),
    ):
        assert admin.call("GET", path).status_code == status


def test_nobody_is_explained_who_is_not_there(admin: Api) -> None:
    assert admin.call("GET", "/users/nobody/explanation?client_id=portal").status_code == 404


def test_what_a_provider_would_have_vouched_for_is_explained(admin: Api) -> None:
    assert explained(admin, "ada", "client_id=portal&provider=github")["refusals"] == []


def test_a_client_with_subs_of_its_own_is_not_shown_another(provider: Provider, admin: Api) -> None:
    provider.amend("    name: Team portal\n", "    name: Team portal\n    subject_type: pairwise\n")
    found = explained(admin, "ada", "client_id=portal")
    for part in ("access_token", "id_token", "userinfo"):
        (sub,) = [each for each in found[part] if each["name"] == "sub"]
        assert sub["value"] == "…"
        assert provider.people["ada"] not in str(found[part])
