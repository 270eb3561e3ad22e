"""Roles, groups, sessions, authorizations, events, keys and clients over the management API."""

import pytest

from authserver.store import jwks_readers
from authserver.store.jwks_readers import JwksReader
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.management.api import Api


@on_both
def test_roles_are_given_and_gone_at_the_next_refresh(provider: Provider, admin: Api) -> None:
    portal = provider.client("portal")
    tokens = portal.sign_in(provider.browser(), "ada", scope="openid offline_access")
    given = admin.change("PUT", "ada", "/roles", {"roles": ["guest"]})
    assert (given.get_json()["roles"], given.get_json()["effective_roles"]) == (["guest"], ["guest"])
    assert portal.refreshed(tokens).access_claims["roles"] == ["guest"]
    (told,) = provider.events("user:roles:changed")
    assert (told["before"], told["after"]) == (["user"], ["guest"])


@on_both
def test_with_end_access_nothing_is_left_running(provider: Provider, admin: Api) -> None:
    portal = provider.client("portal")
    tokens = portal.sign_in(provider.browser(), "ada", scope="openid offline_access")
    assert admin.change("PUT", "ada", "/roles", {"roles": ["guest"], "end_access": True}).status_code == 200
    assert not provider.is_alive(tokens.access_token)
    assert portal.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"


@on_both
def test_groups_give_their_roles(provider: Provider, admin: Api) -> None:
    changed = admin.change("PUT", "gus", "/groups", {"groups": ["watch", "watch"]}).get_json()
    assert (changed["groups"], changed["effective_roles"]) == (["watch"], ["guest", "moderator"])
    claims = provider.client("portal").sign_in(provider.browser(), "gus").access_claims
    assert claims["roles"] == ["guest", "moderator"]
    listed = {each["name"]: each for each in admin.get("/groups")["items"]}
    assert (listed["watch"]["people"], listed["staff"]["people"]) == (1, 0)


@on_both
def test_a_name_that_is_declared_no_longer_is_kept_reported_and_gives_nothing(provider: Provider, admin: Api) -> None:
    provider.give_roles("gus", "emperor", "guest")
    gus = admin.person("gus")[0]
    assert (gus["roles"], gus["undeclared_roles"], gus["effective_roles"]) == (
        ["emperor", "guest"],
        ["emperor"],
        ["guest"],
    )
    assert admin.get("/roles")["undeclared"] == {"emperor": 1}
    kept = admin.change("PUT", "gus", "/roles", {"roles": ["emperor", "user"]})
    assert kept.get_json()["roles"] == ["emperor", "user"]
    assert admin.change("PUT", "ada", "/roles", {"roles": ["emperor"]}).status_code == 422


def test_roles_say_what_they_give(admin: Api) -> None:
    listed = {each["name"]: each for each in admin.get("/roles")["items"]}
    assert listed["guest"]["permissions"] == {"reports": ["read:reports"]}
    assert (listed["user"]["is_default"], listed["user"]["people"]) == (True, 1)
    assert "write:keys" in listed["admin"]["permissions"]["authserver"]


@on_both
def test_sessions_and_authorizations_are_seen_and_ended(provider: Provider, admin: Api) -> None:
    portal, path = provider.client("portal"), f"/users/{provider.people['ada']}"
    tokens = [portal.sign_in(provider.browser(), "ada") for _ in range(3)]
    first, *_ = admin.get(f"{path}/sessions")["items"]
    assert len(admin.get(f"{path}/authorizations")["items"]) == 3
    assert admin.call("DELETE", f"{path}/sessions/{first['sid']}").status_code == 204
    assert admin.call("DELETE", f"{path}/sessions/{first['sid']}").status_code == 404
    held, *_ = admin.get(f"{path}/authorizations")["items"]
    assert admin.call("DELETE", f"{path}/authorizations/{held['id']}").status_code == 204
    assert admin.call("DELETE", f"{path}/authorizations/{held['id']}").status_code == 404
    assert sum(provider.is_alive(each.access_token) for each in tokens) == 1
    assert admin.call("DELETE", f"{path}/authorizations").status_code == 204
    assert admin.call("DELETE", f"{path}/sessions").status_code == 204
    assert admin.get(f"{path}/sessions")["items"] == []
    assert not any(provider.is_alive(each.access_token) for each in tokens)


@on_both
@pytest.mark.parametrize(("what", "key"), [("sessions", "sid"), ("authorizations", "id")])
def test_sessions_and_authorizations_are_read_page_by_page(provider: Provider, admin: Api, what: str, key: str) -> None:
    portal, path = provider.client("portal"), f"/users/{provider.people['ada']}/{what}"
    for seconds in (0, 0, 5, 0, 7):
        provider.clock.pass_(seconds)
        portal.sign_in(provider.browser(), "ada")
    everything = admin.get(path)
    assert (len(everything["items"]), everything["next"]) == (5, None)
    times = [each["created_at"] for each in everything["items"]]
    assert times == sorted(times, reverse=True)
    seen: list[str] = []
    cursor = ""
    while True:
        page = admin.get(f"{path}?limit=2{cursor}")
        assert len(page["items"]) <= 2
        seen += [each[key] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [each[key] for each in everything["items"]]


def test_a_made_up_cursor_begins_at_the_beginning(provider: Provider, admin: Api) -> None:
    provider.client("portal").sign_in(provider.browser(), "ada")
    for what in ("sessions", "authorizations"):
        for cursor in ("x", "AAAA", "OTk5OTk5OTk5OTk5OTk5OTk5OTkgeA"):
            assert len(admin.get(f"/users/{provider.people['ada']}/{what}?cursor={cursor}")["items"]) == 1


def test_authorizations_are_filtered_by_client(provider: Provider, admin: Api) -> None:
    for client_id in ("portal", "intranet"):
        provider.client(client_id).sign_in(provider.browser(), "ada")
    path = f"/users/{provider.people['ada']}/authorizations"
    assert [each["client_id"] for each in admin.get(f"{path}?client_id=intranet")["items"]] == ["intranet"]
    assert admin.get(f"{path}?client_id=nobody")["items"] == []


def test_another_persons_session_or_authorization_is_not_ended_by_its_id(provider: Provider, admin: Api) -> None:
    provider.client("portal").sign_in(provider.browser(), "ada")
    ada, gus = provider.people["ada"], provider.people["gus"]
    sid = admin.get(f"/users/{ada}/sessions")["items"][0]["sid"]
    key = admin.get(f"/users/{ada}/authorizations")["items"][0]["id"]
    assert admin.call("DELETE", f"/users/{gus}/sessions/{sid}").status_code == 404
    assert admin.call("DELETE", f"/users/{gus}/authorizations/{key}").status_code == 404


@on_both
def test_events_are_read_newest_first_page_by_page(provider: Provider, admin: Api) -> None:
    everything = [event["id"] for event in provider.events()][::-1]
    assert len(everything) == 3
    seen: list[int] = []
    cursor = ""
    while True:
        page = admin.get(f"/events?limit=2{cursor}")
        seen += [event["id"] for event in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == everything
    named = admin.get(f"/events?name=user:login:&sub={provider.people['root']}")["items"]
    assert [event["name"] for event in named] == ["user:login:succeeded"]


def test_a_name_that_no_event_has_is_refused_with_the_nearest(admin: Api) -> None:
    answer = admin.call("GET", "/events?name=user:logn:failed")
    (fault,) = answer.get_json()["errors"]
    assert (answer.status_code, fault["parameter"]) == (400, "name")
    assert fault["detail"].endswith("did you mean user:login:failed?")
    assert "logn" not in answer.text


@on_both
def test_keys_are_seen_and_rotated_once(provider: Provider, admin: Api) -> None:
    assert admin.get("/keys")["items"][0]["state"] == "active"
    made = [admin.call("POST", "/keys", {"at_once": True}, Idempotency_Key="r1").get_json() for _ in range(2)]
    assert made[0] == made[1]
    active = [key["kid"] for key in admin.get("/keys")["items"] if (key["state"], key["alg"]) == ("active", "RS256")]
    assert active == [made[0]["kid"]]
    assert "private" not in str(made)
    assert admin.call("POST", "/users", {"username": "eve"}).status_code == 201, "a token of the earlier key"
    assert len(provider.events("server:key:rotated")) == 1


def test_clients_are_seen_without_secrets(admin: Api) -> None:
    page = admin.get("/clients?limit=5")
    assert len(page["items"]) == 5
    following = admin.get(f"/clients?limit=200&cursor={page['next']}")
    names = [each["client_id"] for each in page["items"] + following["items"]]
    assert names == sorted(names)
    assert "console" in names
    portal = admin.get("/clients/portal")
    assert "secret" not in str(portal).replace("client_secret_basic", "")
    assert admin.call("GET", "/clients/nobody").status_code == 404


@on_both
def test_events_are_read_of_one_request(provider: Provider, admin: Api) -> None:
    eve = admin.call("POST", "/users", {"username": "eve", "roles": ["user"]})
    admin.call("POST", "/users", {"username": "eva"})
    request_id = eve.headers["X-Request-Id"]
    items = admin.get(f"/events?request_id={request_id}")["items"]
    assert {(event["request_id"], event["sub"]) for event in items} == {(request_id, eve.get_json()["sub"])}
    named = admin.get(f"/events?request_id={request_id}&name=user:account:&sub={eve.get_json()['sub']}")["items"]
    assert [event["name"] for event in named] == ["user:account:created"]
    for other in (f"request_id={request_id}&sub=x", f"request_id={request_id}&client_id=x", "request_id=nothing"):
        assert admin.get(f"/events?{other}")["items"] == []


@on_both
def test_who_fetched_the_newest_key_is_read_page_by_page(provider: Provider, admin: Api) -> None:
    now, week = provider.clock.now, 7 * 86400
    came = [JwksReader(f"10.0.0.{n % 3}", f"reports/{n}", "rs" * (n % 2), now - week, now - n // 2) for n in range(5)]
    with provider.database.write() as connection:
        jwks_readers.note(connection, came)
    found, cursor = [], ""
    while cursor is not None:
        page = admin.get(f"/keys/readers?limit=2{cursor and '&cursor=' + cursor}")
        assert len(page["items"]) <= 2
        found += page["items"]
        cursor = page["next"]
    assert sorted(each["user_agent"] for each in found) == [f"reports/{n}" for n in range(5)]
    assert [each["last_at"] for each in found] == sorted((each["last_at"] for each in found), reverse=True)
    assert {(each["has_newest"], each["is_waited_for"]) for each in found} <= {(True, False), (False, True)}
    for wrong in ("x", "MTIzIHh5", "LTEgMDA", "OTk5OTk5OTk5OTk5OTk5OTk5OTkgMDA"):
        assert len(admin.get(f"/keys/readers?cursor={wrong}")["items"]) in {0, 5}
