"""People over the management API: found, added, changed, deleted, and no update lost."""

from email.message import EmailMessage
from urllib.parse import urlencode

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.mail.post import queued
from tests.management.api import Api


@on_both
def test_people_are_found_page_by_page(admin: Api) -> None:
    first = admin.get("/users?limit=3")
    assert [each["username"] for each in first["items"]] == ["ada", "gus", "mia"]
    second = admin.get(f"/users?limit=3&cursor={first['next']}")
    assert [each["username"] for each in second["items"]] == ["root"]
    assert second["next"] is None


@on_both
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("login=ADA@example.com", ["ada"]),
        ("login=ada", ["ada"]),
        ("login=nobody", []),
        ("role=guest", ["gus"]),
        ("group=staff", []),
        ("disabled=true", []),
        ("search=GRA", []),
        ("search=A", ["ada"]),
        ("search=ada@ex", ["ada"]),
        ("search=a&role=admin", []),
        ("disabled=false&role=admin", ["root"]),
    ],
)
def test_people_are_found_by_what_they_are(admin: Api, query: str, found: list[str]) -> None:
    assert [each["username"] for each in admin.get(f"/users?{query}")["items"]] == found


@on_both
def test_a_person_is_added_seen_changed_shut_out_and_deleted(provider: Provider, admin: Api) -> None:
    new = {"username": "Eve", "email": "Eve@Example.com", "name": "Eve E", "groups": ["staff"]}
    added = admin.call("POST", "/users", new)
    assert added.status_code == 201, added.text
    eve = added.get_json()
    path = f"/users/{eve['sub']}"
    assert added.headers["Location"] == f"{provider.issuer}/api/v1{path}"
    assert (eve["username"], eve["email"], eve["email_verified"]) == ("eve", "Eve@Example.com", False)
    assert (eve["roles"], eve["groups"], eve["effective_roles"]) == (["user"], ["staff"], ["user"])
    assert admin.get(path) == eve

    changed = admin.call("PATCH", path, {"name": None, "locale": "de"}, If_Match=added.headers["ETag"])
    assert (changed.get_json()["name"], changed.get_json()["locale"]) == (None, "de")
    shut = admin.call("PATCH", path, {"disabled": True}, If_Match=changed.headers["ETag"])
    assert shut.get_json()["disabled_at"] == provider.clock.now
    open_again = admin.call("PATCH", path, {"disabled": False}, If_Match=shut.headers["ETag"])
    assert open_again.get_json()["disabled_at"] is None
    assert admin.call("DELETE", path, If_Match=open_again.headers["ETag"]).status_code == 204
    assert admin.call("GET", path).status_code == 404

    told = [event for event in provider.events() if event["sub"] == eve["sub"]]
    assert [event["name"] for event in told] == [
        "user:account:created",
        "user:profile:changed",
        "user:account:disabled",
        "user:account:enabled",
        "user:account:deleted",
    ]
    assert {(event["by"], event["client_id"]) for event in told} == {(provider.people["root"], "console")}


@on_both
def test_of_two_changes_of_what_both_saw_the_second_is_refused(admin: Api, provider: Provider) -> None:
    _, seen = admin.person("ada")
    path = f"/users/{provider.people['ada']}"
    assert admin.call("PATCH", path, {"name": "A"}, If_Match=seen).status_code == 200
    late = admin.call("PATCH", path, {"name": "B"}, If_Match=seen)
    assert (late.status_code, late.get_json()["error"]) == (412, "precondition_failed")
    assert admin.person("ada")[0]["name"] == "A"
    assert admin.call("PATCH", path, {"name": "C"}, If_Match="*").status_code == 200


@pytest.mark.parametrize("tag", ["", "1", 'W/"1"', '"1", "2"', '"x"', '"99999999999999999999"'])
def test_a_change_names_one_version_that_was_seen(admin: Api, provider: Provider, tag: str) -> None:
    assert admin.change("PATCH", "ada", json={"name": "A"}).status_code == 200
    answer = admin.call("PATCH", f"/users/{provider.people['ada']}", {"name": "B"}, If_Match=tag)
    assert answer.status_code == 412


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("DELETE", ""), ("PUT", "/roles"), ("PUT", "/groups")])
def test_a_change_that_names_no_version_is_refused(admin: Api, provider: Provider, method: str, path: str) -> None:
    body = {"": {"name": "A"}, "/roles": {"roles": []}, "/groups": {"groups": []}}[path]
    answer = admin.call(method, f"/users/{provider.people['ada']}{path}", body)
    assert (answer.status_code, answer.get_json()["error"]) == (428, "precondition_required")


@on_both
def test_a_change_by_anybody_is_seen_by_the_version(admin: Api, provider: Provider) -> None:
    _, before = admin.person("ada")
    provider.give_roles("ada", "guest")
    assert admin.person("ada")[1] != before


@on_both
def test_a_person_is_added_once_however_often_it_is_sent(admin: Api, provider: Provider) -> None:
    first = admin.call("POST", "/users", {"username": "eve"}, Idempotency_Key="k1")
    again = admin.call("POST", "/users", {"username": "eve"}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert len(provider.events("user:account:created")) == 1
    other = admin.call("POST", "/users", {"username": "bob"}, Idempotency_Key="k1")
    assert (other.status_code, other.get_json()["error"]) == (422, "idempotency_key_reused")
    provider.clock.pass_(86401)
    late = Api(provider, provider.client("console").sign_in(provider.browser(), "root").access_token)
    assert late.call("POST", "/users", {"username": "bob"}, Idempotency_Key="k1").status_code == 201


@on_both
def test_a_refused_request_leaves_its_key_free(admin: Api) -> None:
    assert admin.call("POST", "/users", {"username": "ada"}, Idempotency_Key="k").status_code == 409
    assert admin.call("POST", "/users", {"username": "eve"}, Idempotency_Key="k").status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"username": "ada"}, 409, "#/username"),
        ({"username": "a b"}, 422, "#/username"),
        ({"username": "eve", "email": "eve"}, 422, "#/email"),
        ({"username": "eve", "roles": ["emperor"]}, 422, "#/roles/0"),
        ({"username": "eve", "groups": ["staff", "guild"]}, 422, "#/groups/1"),
        ({"username": "eve", "name": "a\u202eb"}, 422, "#/name"),
        ({"username": "eve", "name": "a\0b"}, 422, "#/name"),
        ({"username": "eve", "password": "x"}, 422, "#/password"),
        ({"username": 1}, 422, "#/username"),
        ({}, 422, "#/username"),
        ([], 422, "#"),
    ],
)
def test_a_fault_names_the_field(admin: Api, body: object, status: int, pointer: str) -> None:
    answer = admin.call("POST", "/users", body)
    assert answer.status_code == status
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]


def test_another_address_is_not_verified_unless_said(provider: Provider, admin: Api) -> None:
    changed = admin.change("PATCH", "ada", json={"email": "new@example.com"}).get_json()
    assert (changed["email"], changed["email_verified"]) == ("new@example.com", False)
    said = admin.change("PATCH", "ada", json={"email": "old@example.com", "email_verified": True}).get_json()
    assert said["email_verified"]
    taken = admin.change("PATCH", "ada", json={"email": "mia@example.com"})
    assert (taken.status_code, taken.get_json()["errors"][0]["pointer"]) == (409, "#/email")
    assert len(provider.events("user:email:changed")) == 2


@pytest.mark.parametrize("body", [{"email": None, "email_verified": True}, {"email_verified": True}])
def test_no_address_is_verified_where_there_is_none(admin: Api, body: dict[str, object]) -> None:
    if "email" not in body:
        assert admin.change("PATCH", "ada", json={"email": None}).get_json()["email_verified"] is False
    answer = admin.change("PATCH", "ada", json=body)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "#/email_verified")
    added = admin.call("POST", "/users", {"username": "eve", "email_verified": True})
    assert (added.status_code, added.get_json()["errors"][0]["pointer"]) == (422, "#/email_verified")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ceo@faß.example", ["ceo"]),
        ("CEO@xn--fa-hia.example", ["ceo"]),
        ("ceo@fass.example", []),
        ("CEO", ["ceo"]),
        ("x" * 300, []),
    ],
)
def test_people_are_found_by_their_login_and_by_none_that_folds_to_it(admin: Api, typed: str, found: list[str]) -> None:
    assert admin.call("POST", "/users", {"username": "ceo", "email": "Ceo@faß.example"}).status_code == 201
    items = admin.get(f"/users?{urlencode({'login': typed})}")["items"]
    assert [each["username"] for each in items] == found


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"username": "\u0430da"}, "#/username"),
        ({"username": "bo\u017fs"}, "#/username"),
        ({"username": "eve", "email": " eve@example.com"}, "#/email"),
        ({"username": "eve", "email": "eve@example.com."}, "#/email"),
        ({"username": "eve", "email": "=?utf-8?q?eve=40evil.example=2c?=@example.com"}, "#/email"),
    ],
)
def test_a_login_that_passes_for_another_is_refused(admin: Api, body: dict[str, str], pointer: str) -> None:
    answer = admin.call("POST", "/users", body)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, pointer)


@on_both
def test_whoever_is_shut_out_or_deleted_has_no_token_left(provider: Provider, browser: Browser, admin: Api) -> None:
    tokens = provider.client("portal").sign_in(browser, "ada")
    assert admin.change("PATCH", "ada", json={"disabled": True}).status_code == 200
    assert not provider.is_alive(tokens.access_token)


def test_a_corrected_address_is_told_to_no_stranger_whom_the_mistyped_one_belongs_to(
    provider: Provider, admin: Api
) -> None:
    added = admin.call("POST", "/users", {"username": "eve", "email": "eve@exmaple.com"})
    path, etag = f"/users/{added.get_json()['sub']}", added.headers["ETag"]
    assert admin.call("PATCH", path, {"email": "eve@example.com"}, If_Match=etag).status_code == 200
    letters = mails(provider)
    assert [(letter["To"], kind) for kind, letter in letters] == [
        ("eve@exmaple.com", "email_changed"),
        ("eve@example.com", "email_given"),
    ]
    body = letters[0][1].get_body(("plain",))
    assert body is not None
    assert "eve@example.com" not in body.get_content()


def test_who_loses_their_address_is_told_there_for_the_last_time(provider: Provider, admin: Api) -> None:
    assert admin.change("PATCH", "ada", json={"email": None}).status_code == 200
    ((kind, letter),) = mails(provider)
    body = letter.get_body(("plain",))
    assert (kind, letter["To"]) == ("email_changed", "ada@example.com")
    assert body is not None
    assert "was removed" in " ".join(body.get_content().split())


def mails(provider: Provider) -> list[tuple[str, EmailMessage]]:
    """What waits in the outbox, by kind."""
    waiting = queued(provider.database, provider.app.server.master)
    return [(each.kind, each.message) for each in waiting if each.kind.startswith("email_")]
