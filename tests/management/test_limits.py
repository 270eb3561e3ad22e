"""What a caller of the management API may not: beyond the permissions of the token, and beyond their own powers."""

import pytest

from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS
from tests.management.api import Api, signed_in


@on_both
def test_a_moderator_may_change_people_but_neither_make_an_admin_nor_touch_one(
    provider: Provider, moderator: Api
) -> None:
    assert moderator.change("PUT", "gus", "/roles", {"roles": ["user"]}).status_code == 200
    for attempt in (
        moderator.change("PUT", "gus", "/roles", {"roles": ["admin"]}),
        moderator.change("PUT", "gus", "/groups", {"groups": ["chiefs"]}),
        moderator.change("PUT", "mia", "/roles", {"roles": ["moderator", "admin"]}),
        moderator.call("POST", "/users", {"username": "eve", "roles": ["admin"]}),
        moderator.call("POST", "/users", {"username": "eve", "groups": ["chiefs"]}),
        moderator.change("PATCH", "root", json={"email": "mine@example.com"}),
        moderator.change("PATCH", "root", json={"disabled": True}),
        moderator.change("PUT", "root", "/roles", {"roles": []}),
        moderator.change("PUT", "root", "/groups", {"groups": []}),
        moderator.call("DELETE", f"/users/{provider.people['root']}/sessions"),
        moderator.call("DELETE", f"/users/{provider.people['root']}/authorizations"),
    ):
        assert (attempt.status_code, attempt.get_json()["error"]) == (403, "forbidden")
    assert moderator.person("root")[0]["roles"] == ["admin"]
    assert moderator.person("gus")[0]["roles"] == ["user"]


@pytest.mark.parametrize("change", [{"email": "chief@example.com", "email_verified": True}, {"email_verified": True}])
def test_a_moderator_does_not_vouch_for_an_address(
    provider: Provider, admin: Api, moderator: Api, change: dict[str, object]
) -> None:
    unproven = moderator.change("PATCH", "gus", json={"email": "other@example.com"})
    assert (unproven.status_code, unproven.get_json()["email_verified"]) == (200, False)
    refused = moderator.change("PATCH", "gus", json=change)
    assert (refused.status_code, refused.get_json()["error"]) == (403, "forbidden")
    assert not moderator.person("gus")[0]["email_verified"]
    assert admin.change("PATCH", "gus", json=change).get_json()["email_verified"]
    assert moderator.change("PATCH", "gus", json={"email_verified": True}).status_code == 200


def test_an_admin_by_group_is_not_touched_either(provider: Provider, admin: Api, moderator: Api) -> None:
    assert admin.change("PUT", "gus", "/groups", {"groups": ["chiefs"]}).status_code == 200
    assert moderator.change("PATCH", "gus", json={"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("DELETE", "/users/x", "delete:users"),
        ("POST", "/users/x/export", "export:users"),
        ("GET", "/events", "read:events"),
        ("GET", "/keys", "read:keys"),
        ("GET", "/keys/readers", "read:keys"),
        ("POST", "/keys", "write:keys"),
        ("GET", "/clients", "read:clients"),
    ],
)
def test_a_permission_that_is_missing_is_named(moderator: Api, method: str, path: str, permission: str) -> None:
    answer = moderator.call(method, path, json={})
    assert (answer.status_code, answer.get_json()["error"]) == (403, "insufficient_scope")
    assert f'scope="{permission}"' in answer.headers["WWW-Authenticate"]


def test_without_a_token_nothing_is_told(provider: Provider) -> None:
    answer = provider.call("GET", "/api/v1/users")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_for_another_api_opens_nothing(provider: Provider) -> None:
    tokens = provider.client("portal").sign_in(provider.browser(), "root", resource=REPORTS)
    assert Api(provider, tokens.access_token).call("GET", "/users").status_code == 401


def test_neither_does_an_id_token(provider: Provider) -> None:
    tokens = provider.client("console").sign_in(provider.browser(), "root")
    assert Api(provider, tokens.id_token).call("GET", "/users").status_code == 401


@on_both
def test_a_role_taken_away_is_gone_at_once_here(provider: Provider, admin: Api) -> None:
    provider.give_roles("root", "user")
    assert admin.call("GET", "/events").status_code == 403


def test_a_role_given_later_waits_for_the_next_token(provider: Provider) -> None:
    ada = signed_in(provider, "ada")
    provider.give_roles("ada", "admin")
    assert ada.call("GET", "/events").status_code == 403
    assert signed_in(provider, "ada").call("GET", "/events").status_code == 200


@on_both
def test_a_revoked_token_opens_nothing(provider: Provider, admin: Api) -> None:
    provider.client("console").revoke(admin.token)
    assert admin.call("GET", "/users").status_code == 401


def test_a_client_that_lost_the_api_opens_nothing(provider: Provider, admin: Api) -> None:
    provider.amend("apis: [authserver]", "apis: [reports]")
    assert admin.call("GET", "/users").status_code == 401


@pytest.mark.parametrize("path", ["/", "/nothing", "/users/", "/users/x/y", "/users//sessions", "/users/a b"])
def test_a_path_that_there_is_not_is_a_problem(admin: Api, path: str) -> None:
    assert admin.call("GET", path).status_code == 404


def test_a_method_that_there_is_not_names_those_there_are(admin: Api) -> None:
    answer = admin.call("PUT", "/users/x")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PATCH, DELETE")


def test_a_body_of_another_kind_is_refused(provider: Provider, admin: Api) -> None:
    headers = {"Authorization": f"Bearer {admin.token}"}
    assert provider.call("POST", "/api/v1/users", headers=headers, data={"username": "x"}).status_code == 415
    broken = provider.call("POST", "/api/v1/users", headers=headers, data="{", content_type="application/json")
    assert broken.status_code == 400


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=1&limit=2", "nothing=1", "disabled=perhaps", "cursor=é"]
)
def test_a_query_that_cannot_be_is_refused(admin: Api, query: str) -> None:
    assert admin.call("GET", f"/users?{query}").status_code == 400
