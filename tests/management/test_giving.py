"""Roles and groups that open something by their name: who may give them, and who may touch the people who have them."""

import pytest
from werkzeug.test import TestResponse

from tests.examples.demonstration import EXAMPLE
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.registry import SECRETS, digest
from tests.flows.relying_party import basic
from tests.management.api import DECLARED, Api, signed_in

ROLES = """
  finance: []
  editor: [read:reports]
  lead: {roles: [finance], permissions: [read:reports]}
"""
LEDGER = """
  - client_id: ledger
    name: Ledger
    type: web
    secrets: [{sha256: "@portal"}]
    redirect_uris: [https://ledger.example.com/callback]
    consent: never
    allow: {roles: [editor]}
"""
NAMED = (
    DECLARED.replace("\ngroups: {", "\ngroups: {platform-admins: [], ")
    .replace("\ndefault_role:", f"{ROLES}default_role:", 1)
    .replace("\nclients:\n", f"\nclients:{LEDGER}".replace("@portal", digest(SECRETS["portal"])), 1)
    .replace("apis: [reports, users]\n    roles: [moderator]", "apis: [authserver]\n    roles: [moderator]")
)
LET = NAMED.replace(
    "  moderator: [read:users, write:users, read:reports, write:reports]",
    "  moderator: {permissions: [read:users, write:users, read:reports, write:reports], may_give: [@]}",
)


@pytest.fixture
def provider(provider: Provider) -> Provider:
    """The server with roles and groups that are more than permissions."""
    assert provider.declare(NAMED)
    return provider


@pytest.fixture(params=["moderator", "service"])
def caller(request: pytest.FixtureRequest, provider: Provider) -> Api:
    """Somebody who has the role moderator: a person, and a service by itself."""
    if request.param == "moderator":
        return signed_in(provider, "mia")
    credentials = basic("nightly", SECRETS["nightly"])
    body = provider.post("/token", {"grant_type": "client_credentials"}, Authorization=credentials).get_json()
    return Api(provider, body["access_token"])


def refused(answer: TestResponse, *pointers: str) -> bool:
    """Whether this is beyond the caller, and because of these fields."""
    body = answer.get_json()
    assert (answer.status_code, body["error"]) == (403, "forbidden"), body
    return [fault["pointer"] for fault in body.get("errors", [])] == [*pointers]


@pytest.mark.parametrize("role", ["finance", "editor", "lead"])
def test_a_role_that_opens_something_by_its_name_is_not_given_by_who_has_its_permissions(
    provider: Provider, caller: Api, role: str
) -> None:
    assert refused(caller.change("PUT", "gus", "/roles", {"roles": ["user", role]}), "#/roles/1")
    for _ in range(2):
        new = {"username": "eve", "roles": [role]}
        assert refused(caller.call("POST", "/users", new, Idempotency_Key="1"), "#/roles/0")
    assert caller.person("gus")[0]["roles"] == ["guest"]


@on_both
def test_nobody_is_put_into_a_group_by_who_is_not_in_it(provider: Provider, caller: Api) -> None:
    for groups in (["platform-admins"], ["staff"]):
        assert refused(caller.change("PUT", "gus", "/groups", {"groups": groups}), "#/groups/0")
        assert refused(caller.call("POST", "/users", {"username": "eve", "groups": groups}), "#/groups/0")
    assert caller.person("gus")[0]["groups"] == []


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/groups", {"groups": ["platform-admins"]}),
        ("/roles", {"roles": ["guest", "finance"]}),
        ("/roles", {"roles": ["editor"]}),
        ("/roles", {"roles": ["lead"]}),
    ],
)
def test_who_has_such_a_name_is_not_touched(
    provider: Provider, caller: Api, path: str, given: dict[str, list[str]]
) -> None:
    assert signed_in(provider, "root").change("PUT", "gus", path, given).status_code == 200
    sub = provider.people["gus"]
    for attempt in (
        caller.change("PATCH", "gus", json={"email": "mine@example.com"}),
        caller.change("PATCH", "gus", json={"disabled": True}),
        caller.change("PUT", "gus", "/roles", {"roles": []}),
        caller.change("PUT", "gus", "/groups", {"groups": []}),
        caller.call("DELETE", f"/users/{sub}/sessions"),
        caller.call("DELETE", f"/users/{sub}/sessions/x"),
        caller.call("DELETE", f"/users/{sub}/authorizations"),
        caller.call("DELETE", f"/users/{sub}/authorizations/x"),
    ):
        assert refused(attempt)
    assert caller.person("gus")[0]["email"] == "gus@example.com"


def test_who_is_in_a_group_gives_it_and_looks_after_its_people(provider: Provider) -> None:
    admin, mia = signed_in(provider, "root"), signed_in(provider, "mia")
    assert admin.change("PUT", "mia", "/groups", {"groups": ["platform-admins"]}).status_code == 200
    assert mia.change("PUT", "gus", "/groups", {"groups": ["platform-admins"]}).status_code == 200
    assert mia.change("PATCH", "gus", json={"name": "Gus"}).status_code == 200
    assert admin.change("PUT", "mia", "/groups", {"groups": []}).status_code == 200
    assert refused(mia.change("PATCH", "gus", json={"name": "August"}))


def test_what_clients_yaml_lets_a_role_give_is_given_and_its_people_looked_after(
    provider: Provider, caller: Api
) -> None:
    assert provider.declare(LET.replace("@", "lead, platform-admins"))
    assert caller.change("PUT", "gus", "/roles", {"roles": ["user", "lead", "finance"]}).status_code == 200
    assert caller.change("PUT", "gus", "/groups", {"groups": ["platform-admins"]}).status_code == 200
    assert caller.change("PATCH", "gus", json={"email": "gus@example.org"}).status_code == 200
    assert refused(caller.change("PUT", "gus", "/roles", {"roles": ["editor"]}), "#/roles/0")
    (told,) = [each for each in caller.get("/roles")["items"] if each["may_give"]]
    assert (told["name"], told["may_give"]) == ("moderator", ["lead", "platform-admins"])


def test_what_is_let_is_no_more_than_its_names_and_no_verified_address(provider: Provider, caller: Api) -> None:
    assert provider.declare(LET.replace("@", "lead"))
    assert refused(caller.change("PATCH", "gus", json={"email_verified": True, "email": "x@example.com"}))
    assert refused(caller.change("PUT", "gus", "/roles", {"roles": ["admin"]}), "#/roles/0")
    assert refused(caller.change("PATCH", "root", json={"name": "x"}))


def test_whoever_may_do_everything_gives_every_name(provider: Provider) -> None:
    admin = signed_in(provider, "root")
    assert admin.change("PUT", "gus", "/roles", {"roles": ["finance", "editor", "lead"]}).status_code == 200
    assert admin.change("PUT", "gus", "/groups", {"groups": ["platform-admins", "chiefs"]}).status_code == 200
    assert admin.change("PATCH", "gus", json={"email": "gus@example.org", "email_verified": True}).status_code == 200


def test_where_a_client_reads_the_names_of_roles_no_role_is_just_its_permissions(
    provider: Provider, caller: Api
) -> None:
    assert caller.change("PUT", "gus", "/roles", {"roles": ["user"]}).status_code == 200
    reading = "  - client_id: console\n    claims: {id_token: {roles: roles}}\n"
    assert provider.declare(NAMED.replace("  - client_id: console\n", reading))
    assert refused(caller.change("PUT", "gus", "/roles", {"roles": ["guest"]}))
    assert provider.declare(LET.replace("  - client_id: console\n", reading).replace("@", "user, guest"))
    assert caller.change("PUT", "gus", "/roles", {"roles": ["guest"]}).status_code == 200


def test_the_moderator_of_the_example_looks_after_users(provider: Provider, caller: Api) -> None:
    roles = EXAMPLE.read_text().partition("\nroles:\n")[2].partition("\ndefault_role:")[0]
    before, rest = NAMED.partition("\nroles:\n")[::2]
    text = f"{before}\nroles:\n{roles}{ROLES}default_role:{rest.partition('default_role:')[2]}"
    # Even where a client allows the role in, or reads its name.
    text = text.replace("allow: {roles: [editor]}", "allow: {roles: [user, guest]}, claims: {id_token: {roles: r}}")
    assert provider.declare(text.replace(", claims", "\n    claims"))
    assert caller.change("PUT", "gus", "/roles", {"roles": ["user"]}).status_code == 200
    assert caller.change("PATCH", "ada", json={"email": "ada@example.org"}).status_code == 200
    assert caller.call("POST", "/users", {"username": "eve"}).status_code == 201
    assert refused(caller.change("PUT", "gus", "/roles", {"roles": ["finance"]}), "#/roles/0")
