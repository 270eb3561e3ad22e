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
