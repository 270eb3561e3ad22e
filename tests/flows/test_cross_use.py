"""Codes, tokens, cookies and handles live in name spaces of their own: none is accepted for another.

RFC 8725 §3.11, §3.12; the single-use store that was shared by all kinds is CVE-2026-4282.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.registry import SECRETS
from tests.flows.relying_party import EVERYTHING, RelyingParty, basic


@dataclass
class World:
    """A person who is signed in to one client, and one of everything that was made for it."""

    provider: Provider
    browser: Browser
    client: RelyingParty
    things: dict[str, str]


@pytest.fixture
def world(provider: Provider) -> World:
    browser, portal = provider.browser(), provider.client("portal")
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    attempt = portal.ask()
    code = browser.open(attempt.url).code
    asked = browser.open(portal.ask(prompt="consent").url)
    handle = parse_qs(urlsplit(asked.url).query)["request"][0]
    things = {
        "code": code,
        "access token": tokens.access_token,
        "refresh token": tokens.refresh_token,
        "ID token": tokens.id_token,
        "session cookie": browser.cookie("authserver_session") or "",
        "browser cookie": browser.cookie("authserver_browser") or "",
        "CSRF token": asked.page.form.fields["csrf_token"],
        "handle": handle,
        "sid": tokens.id_claims["sid"],
        "jti": tokens.access_claims["jti"],
        "subject": tokens.id_claims["sub"],
        "client secret": SECRETS["portal"],
        "code verifier": attempt.verifier,
    }
    assert all(things.values())
    return World(provider, browser, portal, things)


def as_code(world: World, thing: str) -> bool:
    data = {"grant_type": "authorization_code", "code": thing, "redirect_uri": world.client.redirect_uri}
    return world.client.post("/token", data | {"code_verifier": world.things["code verifier"]}).status_code == 200


def as_refresh_token(world: World, thing: str) -> bool:
    return world.client.refresh(thing).status_code == 200


def as_bearer(world: World, thing: str) -> bool:
    return world.provider.call("GET", "/userinfo", headers={"Authorization": f"Bearer {thing}"}).status_code == 200


def as_introspected(world: World, thing: str) -> bool:
    return bool(world.provider.introspect(thing)["active"])


def as_hint_of_authorize(world: World, thing: str) -> bool:
    answer = world.browser.open(world.client.ask(prompt="none", id_token_hint=thing).url).answer
    return "code" in answer


def as_hint_of_logout(world: World, thing: str) -> bool:
    query = urlencode({"id_token_hint": thing, "post_logout_redirect_uri": "https://portal.example.com/"})
    return world.browser.open(f"/end_session?{query}").is_outside


def as_session_cookie(world: World, thing: str) -> bool:
    thief = world.provider.browser()
    thief.plant("authserver_session", thing)
    return thief.open("/").heading == "You’re signed in"


def as_handle(world: World, thing: str) -> bool:
    # No handle of another kind may exist, whatever happens after it: a stale page is the only answer.
    return world.browser.open(f"/consent?{urlencode({'request': thing})}").heading != "This sign-in has expired"


def as_csrf_token(world: World, thing: str) -> bool:
    fields = {"csrf_token": thing, "username": "nobody", "password": "x"}
    headers = {"Origin": world.browser.origin, "Sec_Fetch_Site": "same-origin"}
    return world.browser.post("/sign-in", fields, **headers).heading == "Sign in"


def as_client_secret(world: World, thing: str) -> bool:
    headers = {"Authorization": basic("nightly", thing)}
    return world.provider.post("/token", {"grant_type": "client_credentials"}, **headers).status_code == 200


def as_password(world: World, thing: str) -> bool:
    stranger = world.provider.browser()
    landing = stranger.sign_in(stranger.open("/sign-in"), "ada", thing)
    return landing.heading == "You’re signed in"


PLACES: dict[Callable[[World, str], bool], set[str]] = {
    as_code: {"code"},
    as_refresh_token: {"refresh token"},
    as_bearer: {"access token"},
    as_introspected: {"access token"},
    as_hint_of_authorize: {"ID token"},
    as_hint_of_logout: {"ID token"},
    as_session_cookie: {"session cookie"},
    as_handle: {"handle"},
    as_csrf_token: {"CSRF token"},
    as_client_secret: set(),
    as_password: set(),
}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__.replace("_", " "))
def test_only_what_was_made_for_a_place_is_accepted_there(world: World, place: Callable[[World, str], bool]) -> None:
    strange = {name: thing for name, thing in world.things.items() if name not in PLACES[place]}
    assert [name for name, thing in strange.items() if place(world, thing)] == []
    # Last, since it may spend it: and so nothing before it did.
    for name in PLACES[place]:
        assert place(world, world.things[name])


def test_what_was_revoked_by_a_stranger_lives_on(world: World) -> None:
    # Not even the right kind of thing, from the wrong client.
    for thing in world.things.values():
        assert world.provider.client("intranet").revoke(thing).status_code == 200
    assert as_bearer(world, world.things["access token"])
    assert as_refresh_token(world, world.things["refresh token"])
    assert as_code(world, world.things["code"])
