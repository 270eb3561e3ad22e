"""Clients that register themselves, over the management API."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.registering import APP, manage, send
from tests.management.api import Api


@on_both
def test_a_token_is_made_used_listed_and_taken_back(provider: Provider, admin: Api) -> None:
    made = admin.call("POST", "/registration-tokens", {"uses": 2, "scope": "openid email"})
    assert made.status_code == 201, made.text
    token = made.get_json()
    of = send(provider, APP, token["token"]).get_json()
    assert of["scope"] == "openid email"
    (listed,) = admin.get("/registration-tokens")["items"]
    assert (listed["uses_left"], listed["id"], "token" in listed) == (1, token["id"], False)
    assert admin.call("DELETE", f"/registration-tokens/{token['id']}").status_code == 204
    assert admin.call("DELETE", f"/registration-tokens/{token['id']}").status_code == 404
    assert send(provider, APP, token["token"]).status_code == 401
    (taken,) = provider.events("client:registration:token_revoked")
    assert taken["id"] == token["id"]


def test_registered_clients_are_listed_among_the_others_and_removed(provider: Provider, admin: Api) -> None:
    token = admin.call("POST", "/registration-tokens", {"uses": 3}).get_json()["token"]
    made = {send(provider, APP, token).get_json()["client_id"] for _ in range(3)}
    found, cursor = [], ""
    while cursor is not None:
        page = admin.get(f"/clients?limit=2{cursor and '&cursor=' + cursor}")
        found += page["items"]
        cursor = page["next"]
    ids = [each["client_id"] for each in found]
    assert ids == sorted({*made, *provider.app.server.registry.clients})
    assert {each["client_id"] for each in found if each["registered_at"] is not None} == made
    one = made.pop()
    assert admin.get(f"/clients/{one}")["registered_at"] == provider.clock.now
    assert admin.call("DELETE", f"/clients/{one}").status_code == 204
    assert admin.call("GET", f"/clients/{one}").status_code == 404
    assert admin.call("DELETE", "/clients/portal").status_code == 404
    assert admin.get("/clients/portal")["registered_at"] is None


def test_who_may_not_write_clients_makes_no_token(provider: Provider, moderator: Api) -> None:
    assert moderator.call("POST", "/registration-tokens", {}).status_code == 403
    assert moderator.call("DELETE", "/clients/dcr.x").status_code == 403
    nobody = {"registration_access_token": "x", "registration_client_uri": "/register/x"}
    assert manage(provider, nobody).status_code == 401


@on_both
def test_a_registered_client_is_disabled_listed_as_such_and_enabled(provider: Provider, admin: Api) -> None:
    token = admin.call("POST", "/registration-tokens", {}).get_json()["token"]
    client_id = send(provider, APP, token).get_json()["client_id"]
    assert admin.get(f"/clients/{client_id}")["disabled_at"] is None
    for _ in range(2):
        answer = admin.call("PATCH", f"/clients/{client_id}", {"disabled": True})
        assert (answer.status_code, answer.get_json()["disabled_at"]) == (200, provider.clock.now)
    listed = [each["disabled_at"] for each in admin.get("/clients?limit=100")["items"] if each["registered_at"]]
    assert listed == [provider.clock.now]
    assert provider.app.server.client(client_id) is None
    ada = f"/users/{provider.people['ada']}/explanation?client_id={client_id}"
    assert f"{client_id} is disabled by an administrator" in str(admin.get(ada)["refusals"])
    assert admin.call("PATCH", f"/clients/{client_id}", {"disabled": False}).get_json()["disabled_at"] is None
    assert provider.app.server.client(client_id) is not None
    names = [event["name"] for event in provider.events() if event["name"].endswith("abled")]
    assert names == ["client:registration:disabled", "client:registration:enabled"]


def test_nobody_disables_what_did_not_register_itself(provider: Provider, admin: Api, moderator: Api) -> None:
    for client_id in ("portal", "dcr.x", "é"):
        assert admin.call("PATCH", f"/clients/{client_id}", {"disabled": True}).status_code == 404
    for body in ({}, {"disabled": 1}, {"disabled": None}, {"disabled": True, "name": "x"}):
        assert admin.call("PATCH", "/clients/dcr.x", body).status_code in {400, 422}
    assert moderator.call("PATCH", "/clients/portal", {"disabled": True}).status_code == 403


def test_one_that_no_longer_fits_is_told_of_with_the_reason_and_can_be_disabled_and_removed(
    provider: Provider, admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = admin.call("POST", "/registration-tokens", {"uses": 1}).get_json()["token"]
    one = send(provider, APP, token).get_json()["client_id"]
    assert (admin.get(f"/clients/{one}")["unfit"], admin.get(f"/clients/{one}")["lost_scopes"]) == (None, [])
    # As `profile: fapi2` at the top of clients.yaml, without the change of every other client that goes with it.
    strict = replace(provider.app.server._registry.current, is_fapi=True, version="strict")
    monkeypatch.setattr(provider.app.server, "_registry", SimpleNamespace(current=strict))
    shown = admin.get(f"/clients/{one}")
    assert shown["unfit"] == "Every client here follows FAPI 2.0: an administrator declares it."
    assert (shown["name"], shown["redirect_uris"], shown["scopes"]) == (APP["client_name"], APP["redirect_uris"], [])
    assert one in {each["client_id"] for each in admin.get("/clients?limit=100")["items"]}
    disabled = admin.call("PATCH", f"/clients/{one}", {"disabled": True})
    assert (disabled.status_code, disabled.get_json()["disabled_at"]) == (200, provider.clock.now)
    assert admin.call("DELETE", f"/clients/{one}").status_code == 204
    assert admin.call("GET", f"/clients/{one}").status_code == 404
