"""A client with pairwise subs: what it sees of a person, and what it sends back (OpenID Connect Core §8.1)."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from authserver.keys.pairwise import Pairwise
from authserver.store.tables import kept_secrets
from tests.flows.browser import Browser
from tests.flows.conftest import MASTER_KEY, MakeProvider
from tests.flows.databases import on_both
from tests.flows.listening import deliver, leave, listening, register
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS
from tests.flows.relying_party import EVERYTHING, RelyingParty, Tokens
from tests.flows.test_token_exchange import RULES, exchange

LINE = "  - client_id: {}\n"
PAIRWISE = LINE + "    subject_type: pairwise\n"


def make_pairwise(provider: Provider, *client_ids: str, **more: str) -> None:
    for client_id in client_ids:
        fields = "".join(f"    {name}: {json.dumps(value)}\n" for name, value in more.items())
        provider.amend(LINE.format(client_id), PAIRWISE.format(client_id) + fields)


@pytest.fixture
def pairwise(provider: Provider) -> Provider:
    """Of the clients, notes, bank and kiosk know people by subs of their own; each has a host of its own."""
    make_pairwise(provider, "notes", "bank", "kiosk")
    return provider


def sub_of(tokens: Tokens) -> str:
    return str(tokens.id_claims["sub"])


@on_both
def test_each_sector_knows_a_person_by_another_sub_that_stays(pairwise: Provider) -> None:
    subs = {
        name: [sub_of(pairwise.client(name).sign_in(pairwise.browser())) for _ in range(2)]
        for name in ("notes", "bank", "portal")
    }
    assert all(one == other for one, other in subs.values())
    assert len({one for one, _ in subs.values()}) == 3
    assert subs["portal"][0] == pairwise.people["ada"]
    mia = sub_of(pairwise.client("notes").sign_in(pairwise.browser(), "mia"))
    assert mia not in {subs["notes"][0], pairwise.people["mia"]}
    assert all(len(one) <= 255 and one.isascii() for one, _ in subs.values())


@on_both
def test_what_an_api_exchanges_a_pairwise_token_for_tells_no_more_of_who_it_is(pairwise: Provider) -> None:
    pairwise.amend(f"    audience: {REPORTS}\n", f"    audience: {REPORTS}\n{RULES}")
    for name in ("bank", "portal"):
        tokens = pairwise.client(name).sign_in(pairwise.browser(), "mia", scope="openid", resource=REPORTS)
        held = exchange(pairwise, tokens.access_token).get_json()["access_token"]
        answers = pairwise.introspect(tokens.access_token), pairwise.introspect(held, "users")
        assert [(answer["active"], answer["sub"]) for answer in answers] == [(True, tokens.access_claims["sub"])] * 2
        assert [answer.get("username") for answer in answers] == [None if name == "bank" else "mia"] * 2
        if name == "bank":
            # Between quotes, for a `jti` made by chance may hold those three letters.
            assert all("'mia'" not in str(answer) and pairwise.people["mia"] not in str(answer) for answer in answers)


def test_clients_of_one_sector_know_a_person_by_one_sub(provider: Provider) -> None:
    uri = "https://group.example.com/redirects.json"
    make_pairwise(provider, "notes", "bank", sector_identifier_uri=uri)
    notes, bank = (sub_of(provider.client(name).sign_in(provider.browser())) for name in ("notes", "bank"))
    assert notes == bank != provider.people["ada"]


def test_nothing_that_a_client_gets_tells_the_sub_or_the_session_as_others_know_them(pairwise: Provider) -> None:
    browser = pairwise.browser()
    bank, portal = pairwise.client("bank"), pairwise.client("portal")
    theirs, tokens = portal.sign_in(browser, scope=EVERYTHING), bank.sign_in(browser, scope=EVERYTHING)
    fresh = bank.refreshed(tokens)
    own = sub_of(tokens)
    userinfo = pairwise.userinfo(fresh.access_token).get_json()
    seen = [tokens.id_claims, tokens.access_claims, fresh.id_claims, fresh.access_claims, userinfo]
    assert {claims["sub"] for claims in seen} == {own}
    # By one session two sectors could tell that it is one person.
    assert tokens.id_claims["sid"] == fresh.id_claims["sid"] != theirs.id_claims["sid"]
    as_client = bank.post("/introspect", {"token": fresh.access_token}).get_json()
    as_api = pairwise.introspect(fresh.access_token)
    assert [(answer["active"], answer["sub"], "username" in answer) for answer in (as_client, as_api)] == [
        (True, own, False)
    ] * 2
    everything = json.dumps([*seen, as_client, as_api, tokens.body, fresh.body])
    assert pairwise.people["ada"] not in everything
    assert theirs.id_claims["sid"] not in everything


def test_an_api_of_two_clients_sees_the_sub_of_each(pairwise: Provider) -> None:
    bank, portal = (pairwise.client(name).sign_in(pairwise.browser(), resource=REPORTS) for name in ("bank", "portal"))
    assert pairwise.introspect(portal.access_token)["sub"] == pairwise.people["ada"]
    assert pairwise.introspect(bank.access_token)["sub"] == bank.access_claims["sub"] != pairwise.people["ada"]


def test_a_logout_token_names_person_and_session_as_the_client_knows_them(pairwise: Provider) -> None:
    with listening() as listener:
        register(pairwise, "notes", listener.url)
        browser = pairwise.browser()
        tokens = pairwise.client("notes").sign_in(browser)
        leave(browser, tokens)
        deliver(pairwise)
        claims = listener.claims(pairwise, "notes")
    assert {name: claims[name] for name in ("sub", "sid")} == {name: tokens.id_claims[name] for name in ("sub", "sid")}


def test_its_hint_signs_out_of_that_session_at_once(pairwise: Provider) -> None:
    browser = pairwise.browser()
    leave(browser, pairwise.client("notes").sign_in(browser))
    assert browser.open("/").heading != "You’re signed in"


def test_its_server_may_sign_out_with_the_hint_alone(pairwise: Provider) -> None:
    browser = pairwise.browser()
    tokens = pairwise.client("notes").sign_in(browser)
    pairwise.browser().open(f"/end_session?{urlencode({'id_token_hint': tokens.id_token})}")
    assert browser.open("/").heading != "You’re signed in"


def demanded(sub: str) -> str:
    return json.dumps({"id_token": {"sub": {"value": sub}}})


def test_a_hint_or_a_demanded_sub_of_this_client_is_the_person(pairwise: Provider) -> None:
    browser, bank = pairwise.browser(), pairwise.client("notes")
    tokens = bank.sign_in(browser)
    for asked in ({"id_token_hint": tokens.id_token}, {"claims": demanded(sub_of(tokens))}):
        assert "code" in browser.open(bank.ask(prompt="none", **asked).url).answer


@pytest.mark.parametrize("whose", ["the one that others know", "another sector's", "another person's", "made up"])
def test_a_demanded_sub_that_this_client_never_got_for_the_person_is_nobody(pairwise: Provider, whose: str) -> None:
    browser, notes, bank = pairwise.browser(), pairwise.client("notes"), pairwise.client("bank")
    notes.sign_in(browser)
    sub = {
        "the one that others know": lambda: pairwise.people["ada"],
        "another sector's": lambda: sub_of(bank.sign_in(pairwise.browser())),
        "another person's": lambda: sub_of(notes.sign_in(pairwise.browser(), "mia")),
        "made up": lambda: "x" * 51,
    }[whose]()
    assert browser.open(notes.ask(prompt="none", claims=demanded(sub)).url).error == "login_required"


def test_a_login_hint_by_sub_does_not_show_whose_it_is(pairwise: Provider) -> None:
    notes = pairwise.client("notes")
    own = sub_of(notes.sign_in(pairwise.browser()))
    for hint, shown in ((own, ""), ("ada", "ada")):
        page = pairwise.browser().open(notes.ask(login_hint=hint).url).page
        assert page.element("input", name="username").get("value") in ({shown, None} if not shown else {shown})


def test_who_a_client_knows_outlives_a_new_master_key(pairwise: Provider, make_provider: MakeProvider) -> None:
    before = sub_of(pairwise.client("notes").sign_in(pairwise.browser()))
    rotated = make_provider(master_key=f"{Fernet.generate_key().decode()},{MASTER_KEY}")
    rotated.declare(pairwise.clients_file.read_text())
    assert sub_of(rotated.client("notes").sign_in(rotated.browser())) == before


def test_the_key_is_made_once_and_lies_sealed(pairwise: Provider, make_provider: MakeProvider) -> None:
    with pairwise.database.read() as connection:
        assert connection.execute(select(kept_secrets)).all() == []
    other = make_provider()
    other.declare(pairwise.clients_file.read_text())
    subs = {sub_of(each.client("notes").sign_in(each.browser())) for each in (pairwise, other)}
    assert len(subs) == 1
    with pairwise.database.read() as connection:
        (row,) = connection.execute(select(kept_secrets)).all()
    assert len(pairwise.app.server.master.unseal(row.sealed)) == 64


def test_a_stranger_cannot_make_one(pairwise: Provider) -> None:
    server, notes = pairwise.app.server, pairwise.client("notes")
    own = sub_of(notes.sign_in(pairwise.browser()))
    client = server.registry.clients["notes"]
    assert server.pairwise.meant(client, own) == pairwise.people["ada"]
    # Another spelling, another bit, another kind.
    for forged in (own + "=", own[:-1], own + "A", own[:-2] + ("AA" if own[-2:] != "AA" else "BB"), "", "é", "x" * 999):
        assert server.pairwise.meant(client, forged) is None
    assert server.pairwise.meant(client, own, "sid") is None
    fresh = Pairwise(server.database, lambda: server.master)
    assert fresh.meant(client, own) == pairwise.people["ada"]


FAULTS: dict[str, tuple[Callable[[str], str], str]] = {
    "hosts": (
        lambda text: text.replace(
            "[https://notes.example.com/callback]", "[https://notes.example.com/callback, https://n.example.org/c]"
        ),
        "need a sector_identifier_uri",
    ),
    "http": (
        lambda text: text.replace(
            PAIRWISE.format("notes"), PAIRWISE.format("notes") + "    sector_identifier_uri: http://localhost/x\n"
        ),
        "must begin with https://",
    ),
    "native": (
        lambda text: text.replace(LINE.format("terminal"), PAIRWISE.format("terminal")),
        "a native client needs a sector_identifier_uri",
    ),
    "service": (lambda text: text.replace(LINE.format("nightly"), PAIRWISE.format("nightly")), "nobody signs in"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_has_no_sector_is_refused_in_words(pairwise: Provider, name: str) -> None:
    change, words = FAULTS[name]
    assert not pairwise.declare(change(pairwise.clients_file.read_text()))
    faults: Any = pairwise.app.server._registry
    assert words in "\n".join(map(str, faults.faults))


def test_events_and_pages_know_the_person_as_we_store_them(pairwise: Provider, browser: Browser) -> None:
    notes: RelyingParty = pairwise.client("notes")
    tokens = notes.sign_in(browser)
    assert notes.revoke(tokens.access_token).status_code == 200
    about = {event["sub"] for event in pairwise.events() if event["client_id"] == "notes" and event["sub"]}
    assert about == {pairwise.people["ada"]}
