"""Client credentials: a service by itself, with the roles that clients.yaml gives it (RFC 6749 §4.4)."""

import jwt
import pytest

from authserver.store import imports, users
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import START, Provider
from tests.flows.registry import CLIENTS_YAML, REPORTS, USERS
from tests.flows.relying_party import RelyingParty

GRANT = {"grant_type": "client_credentials"}


@on_both
@pytest.mark.parametrize("client_id", ["nightly", "importer"])
def test_a_service_gets_an_access_token_and_nothing_else(provider: Provider, client_id: str) -> None:
    service = provider.client(client_id)
    tokens = service.tokens(service.post("/token", GRANT))
    assert tokens.body.keys() == {"access_token", "token_type", "expires_in"}
    claims = dict(tokens.access_claims)
    jti = claims.pop("jti")
    assert len(jti) >= 22
    assert claims == {
        "iss": provider.issuer,
        "sub": client_id,
        "client_id": client_id,
        "aud": REPORTS,
        "iat": START,
        "exp": START + 1800,
        "roles": ["moderator"] if client_id == "nightly" else ["guest"],
        "permissions": ["read:reports", "write:reports"] if client_id == "nightly" else ["read:reports"],
    }
    assert jwt.get_unverified_header(tokens.access_token)["typ"] == "at+jwt"


@on_both
def test_the_token_is_alive_for_its_api_until_it_expires_or_is_revoked(provider: Provider) -> None:
    nightly = provider.client("nightly")
    tokens = [nightly.tokens(nightly.post("/token", GRANT)) for _ in range(2)]
    answer = provider.introspect(tokens[0].access_token)
    assert (answer["active"], answer["client_id"], answer["permissions"]) == (
        True,
        "nightly",
        ["read:reports", "write:reports"],
    )
    assert "username" not in answer
    assert nightly.revoke(tokens[0].access_token).status_code == 200
    assert not provider.is_alive(tokens[0].access_token)
    assert provider.is_alive(tokens[1].access_token)
    provider.clock.pass_(1800)
    assert not provider.is_alive(tokens[1].access_token)


def test_the_resource_may_be_chosen_among_the_services_own(provider: Provider) -> None:
    nightly, importer = provider.client("nightly"), provider.client("importer")
    assert nightly.tokens(nightly.post("/token", GRANT | {"resource": USERS})).access_claims["aud"] == USERS
    for resource in (USERS, "https://unknown.example.com", provider.issuer):
        refused = importer.post("/token", GRANT | {"resource": resource})
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_target")
    several = nightly.post("/token", GRANT | {"resource": [REPORTS, USERS]})
    assert several.get_json()["error"] == "invalid_target"


@on_both
def test_a_scope_narrows_the_permissions_and_leaves_the_roles_out(provider: Provider) -> None:
    nightly = provider.client("nightly")
    narrow = nightly.tokens(nightly.post("/token", GRANT | {"scope": "read:reports"}))
    assert narrow.body["scope"] == narrow.access_claims["scope"] == "read:reports"
    assert (narrow.access_claims["permissions"], "roles" in narrow.access_claims) == (["read:reports"], False)
    answer = provider.introspect(narrow.access_token)
    assert (answer["scope"], answer["permissions"], "roles" in answer) == ("read:reports", ["read:reports"], False)
    whole = nightly.tokens(nightly.post("/token", GRANT | {"scope": "write:reports read:reports"}))
    assert whole.body["scope"] == "read:reports write:reports"
    assert (whole.access_claims["permissions"], whole.access_claims["roles"]) == (
        ["read:reports", "write:reports"],
        ["moderator"],
    )
    users = nightly.post("/token", GRANT | {"scope": "write:users", "resource": USERS})
    assert nightly.tokens(users).access_claims["permissions"] == ["write:users"]


def test_what_comes_out_of_a_scope_is_told(provider: Provider) -> None:
    importer = provider.client("importer")
    given = importer.tokens(importer.post("/token", GRANT | {"scope": "openid read:reports write:reports"}))
    assert given.body["scope"] == "read:reports"
    assert importer.tokens(importer.post("/token", GRANT | {"scope": "openid profile"})).body["scope"] == "read:reports"
    assert "scope" not in importer.tokens(importer.post("/token", GRANT | {"scope": ""})).body


@pytest.mark.parametrize("scope", ["admin:all", "read:users", "read:reports nonsense", "write:reports"])
def test_a_scope_that_is_unknown_or_not_given_is_refused(provider: Provider, scope: str) -> None:
    refused = provider.client("importer").post("/token", GRANT | {"scope": scope})
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_scope")
    assert scope not in refused.get_json()["error_description"]


def test_a_narrowed_token_does_no_more_at_the_api_of_this_server_than_it_says(provider: Provider) -> None:
    provider.amend("apis: [reports, users]\n    roles: [moderator]", "apis: [authserver]\n    roles: [admin]")
    nightly, resource = provider.client("nightly"), f"{provider.issuer}/api/v1"

    def call(scope: str, method: str, path: str, body: object = None) -> int:
        asked = GRANT | {"resource": resource} | ({"scope": scope} if scope else {})
        token = nightly.tokens(nightly.post("/token", asked)).access_token
        header = {"Authorization": f"Bearer {token}", "If-Match": '"1"'}
        return provider.call(method, f"/api/v1{path}", headers=header, json=body).status_code

    root = f"/users/{provider.people['root']}"
    assert (call("read:users", "GET", root), call("read:users", "PATCH", root, {"name": "R"})) == (200, 403)
    # Without a scope it may do everything; narrowed it may neither touch nor make somebody who may do more than it.
    new = {"username": "eve", "email": "eve@example.com", "roles": ["admin"]}
    assert call("write:users read:users", "POST", "/users", new) == 403
    assert call("write:users read:users", "PATCH", root, {"name": "R"}) == 403
    assert call("", "POST", "/users", new) == 201
    assert call("", "PATCH", root, {"name": "R"}) == 200


@pytest.mark.parametrize("client_id", ["portal", "intranet", "dashboard", "terminal", "notes"])
def test_no_client_for_people_may_use_the_grant_public_ones_least_of_all(provider: Provider, client_id: str) -> None:
    refused = provider.client(client_id).post("/token", GRANT)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    "other", [{"grant_type": "authorization_code", "code": "x"}, {"grant_type": "refresh_token", "refresh_token": "x"}]
)
def test_a_service_may_use_no_other_grant(provider: Provider, other: dict[str, str]) -> None:
    refused = provider.client("nightly").post("/token", other)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "unauthorized_client")


def test_the_token_opens_no_userinfo(provider: Provider) -> None:
    nightly = provider.client("nightly")
    token = nightly.tokens(nightly.post("/token", GRANT)).access_token
    refused = provider.userinfo(token)
    assert (refused.status_code, refused.get_json()["error"]) == (403, "insufficient_scope")


@on_both
def test_its_sub_can_never_be_that_of_a_person(provider: Provider) -> None:
    # A person's sub is random and 22 characters long; the service's is its client_id.
    nightly = provider.client("nightly")
    sub = nightly.tokens(nightly.post("/token", GRANT)).access_claims["sub"]
    assert sub not in provider.people.values()
    assert {len(each) for each in provider.people.values()} == {22}
    assert len(sub) != 22


def test_a_role_taken_from_the_service_is_gone_at_the_next_token(provider: Provider) -> None:
    nightly = provider.client("nightly")
    provider.amend("apis: [reports, users]\n    roles: [moderator]", "apis: [reports, users]\n    roles: [guest]")
    assert nightly.tokens(nightly.post("/token", GRANT)).access_claims["roles"] == ["guest"]


def test_a_service_has_what_its_roles_bring_along(provider: Provider) -> None:
    provider.amend("  moderator: [read:users,", "  moderator: {roles: [guest]}\n  other: [read:users,")
    nightly = provider.client("nightly")
    token = nightly.tokens(nightly.post("/token", GRANT)).access_token
    assert provider.introspect(token)["roles"] == ["guest", "moderator"]


def test_a_service_cannot_send_people_to_the_authorization_endpoint(provider: Provider) -> None:
    page = provider.browser().open(provider.client("nightly").ask(redirect_uri="https://evil.example/").url)
    assert (page.status, page.is_outside) == (400, False)


def both(provider: Provider) -> None:
    """Let the portal act for itself, too, as an admin of reports."""
    at = CLIENTS_YAML.index("  - client_id: intranet")
    grants = "grant_types: [authorization_code, refresh_token, client_credentials]"
    assert provider.declare(f"{CLIENTS_YAML[:at]}    {grants}\n    roles: [admin]\n{CLIENTS_YAML[at:]}")


def test_a_website_may_act_for_itself_with_its_own_roles_and_people_bring_theirs(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    assert portal.post("/token", GRANT).get_json()["error"] == "unauthorized_client"
    both(provider)
    own = portal.tokens(portal.post("/token", GRANT))
    assert own.body.keys() == {"access_token", "token_type", "expires_in"}
    assert (own.access_claims["sub"], own.access_claims["roles"]) == ("portal", ["admin"])
    assert "auth_time" not in own.access_claims
    ada = portal.sign_in(browser, scope="openid profile offline_access")
    for tokens in (ada, portal.refreshed(ada)):
        assert (tokens.access_claims["sub"], tokens.access_claims["roles"]) == (provider.people["ada"], ["user"])
    assert provider.userinfo(own.access_token).status_code == 403
    assert provider.introspect(own.access_token)["roles"] == ["admin"]
    assert provider.introspect(ada.access_token)["roles"] == ["user"]


@on_both
def test_a_person_whose_sub_is_the_name_of_a_client_that_acts_for_itself_gets_no_token(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    person = {"username": "eve", "email": "eve@example.com", "sub": "nightly", "email_verified": True}
    with provider.database.write() as connection:
        ada = users.get(connection, provider.people["ada"])
        assert ada is not None
        imports.put(connection, person | {"password_hash": ada.password_hash}, ("admin",), START)
    attempt = portal.ask()
    code = portal.authorize(browser, attempt, "eve").answer["code"]
    refused = portal.redeem(attempt, code)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")
    assert "client_id" in refused.get_json()["error_description"]
    # The name of a client that never acts for itself is nobody's `sub`.
    assert provider.declare(CLIENTS_YAML.replace("client_id: nightly", "client_id: daily"))
    attempt = portal.ask()
    assert portal.redeem(attempt, portal.authorize(browser, attempt, "eve").answer["code"]).status_code == 200
