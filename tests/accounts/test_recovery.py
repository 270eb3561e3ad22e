"""A forgotten password: one answer for everybody, a link that is spent once, and every session over."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import insert, select

from authserver import people
from authserver.people import Change
from authserver.store import links, users
from authserver.store.allowed.tables import authorizations
from authserver.store.tables import events
from authserver.store.upkeep import left
from authserver.store.users import User
from tests.accounts.conftest import MakeSite
from tests.accounts.post import answer_recoveries, letter, letters
from tests.accounts.site import ISSUER, NOW, Browser, Site
from tests.mail.post import rows

NEW = "Another horse 99?"


def ask(browser: Browser, login: str = "ada") -> str:
    browser.visit("/forgot")
    answer = browser.submit(username=login)
    assert answer.status_code == 200
    return answer.text


def link_for(site: Site, login: str = "ada") -> str:
    ask(site.browser(), login)
    return letter(site, "reset").link


def test_the_link_sets_a_new_password(site: Site, browser: Browser) -> None:
    browser.visit(link_for(site))
    done = browser.submit(password=NEW)
    assert done.headers["Location"] == f"{ISSUER}/reset?done=1"
    assert "You have been signed out everywhere" in browser.visit("/reset?done=1").text
    assert letter(site, "password_changed").to == "ada@example.com"
    assert site.browser().sign_in("ada").status_code == 400
    assert site.browser().sign_in("ada", NEW).status_code == 303


@pytest.mark.parametrize("login", ["ada", "nobody"])
def test_a_request_is_looked_up_once_when_its_answer_has_left(site: Site, login: str) -> None:
    ask(site.browser(), login)
    server = site.app.server
    answer_recoveries(server, later=1)
    (waiting,) = rows(server.database)
    assert (waiting.kind, waiting.attempts) == ("recovery", 0)
    # Between quotes, as it lies within, for letters alone may be there by chance.
    word = f'"{login}"'.encode()
    assert (word in (server.master.try_unseal(waiting.sealed) or b""), word in waiting.sealed) == (True, False)
    with ThreadPoolExecutor(4) as many:
        list(many.map(answer_recoveries, [server] * 4))
    assert [each.to for each in letters(site)] == (["ada@example.com"] if login == "ada" else [])
    with server.database.read() as connection:
        told = connection.execute(select(events).where(events.c.name == "user:reset:requested")).all()
    assert [(each.address, each.request_id is not None) for each in told] == [("127.0.0.1", True)]
    assert all(row.kind == "mail" for row in rows(server.database))


def test_what_was_asked_of_the_release_before_is_answered_once_no_node_of_it_does(site: Site) -> None:
    server = site.app.server
    asked = {"login": "ada", "address": "192.0.2.1", "request_id": "r1", "created_at": NOW}
    with server.database.write() as connection:
        connection.execute(insert(left.reset_requests), [asked])
    answer_recoveries(server, later=9)
    assert letters(site) == []  # its own process may still come to it
    site.clock.now += 10
    assert [each.to for each in letters(site)] == ["ada@example.com"]
    with server.database.read() as connection:
        assert connection.execute(select(left.reset_requests)).first() is None
        told = connection.execute(select(events).where(events.c.name == "user:reset:requested")).one()
    assert (told.address, told.request_id) == ("192.0.2.1", "r1")


def test_a_request_that_cannot_be_answered_keeps_no_other_waiting(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.add("bob", "bob@example.com")
    ask(site.browser(), "ada")
    ask(site.browser(), "bob")
    with monkeypatch.context() as broken:
        request = people.request_reset

        def fail_for_ada(change: Change, user: User, email: str, **context: Any) -> None:
            if email == "ada@example.com":
                raise ValueError(email)
            request(change, user, email, **context)

        broken.setattr(people, "request_reset", fail_for_ada)
        answer_recoveries(site.app.server)
    assert [each.to for each in letters(site)] == ["bob@example.com"]
    site.clock.now += 15
    assert {each.to for each in letters(site)} == {"ada@example.com", "bob@example.com"}


def test_opening_the_link_spends_nothing_and_sending_the_form_spends_it_once(site: Site, browser: Browser) -> None:
    link = link_for(site)
    for _ in range(3):
        assert "Set a new password" in site.browser().get(link).text
        assert browser.head(link).status_code == 405
    browser.visit(link)
    assert browser.submit(password=NEW).status_code == 303
    assert browser.submit(password="Third horse 77!!").status_code == 400
    assert "no longer works" in browser.visit(link).text
    assert browser.sign_in("ada", NEW).status_code == 303


def test_of_many_at_once_one_spends_the_link(site: Site) -> None:
    link = link_for(site)
    browsers = [site.browser() for _ in range(4)]
    for browser in browsers:
        browser.visit(link)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda each: each.submit(password=NEW).status_code, browsers))
    assert answers.count(303) == 1
    assert set(answers) <= {303, 400, 503}


def test_a_faulty_password_does_not_spend_the_link(site: Site, browser: Browser) -> None:
    browser.visit(link_for(site))
    refused = browser.submit(password="Ada Lovelace")
    assert refused.status_code == 400
    assert (
        "Still needed: a digit, more than your name, your email address, or the name of this service, "
        "and something that is harder to guess." in refused.text
    )
    assert browser.submit(password=NEW).status_code == 303


def test_every_session_and_authorization_ends(site: Site) -> None:
    signed_in = site.browser()
    signed_in.authorize()
    onward = signed_in.sign_in("ada").headers["Location"]
    assert "code=" in signed_in.get(onward.removeprefix(ISSUER)).headers["Location"]
    browser = site.browser()
    browser.visit(link_for(site))
    browser.submit(password=NEW)
    assert "not signed in" in signed_in.visit("/").text
    with site.app.server.database.read() as connection:
        assert [row.revoked_at for row in connection.execute(authorizations.select())] == [NOW]


def test_the_answer_is_the_same_whoever_was_named(site: Site) -> None:
    disabled = site.add("disabled", "disabled@example.com")
    site.add("mailless")
    with site.app.server.database.write() as connection:
        users.disable(connection, disabled.sub, NOW)
    answers = {
        ask(site.browser(), login).replace(login, "LOGIN") for login in ("ada", "nobody", "disabled", "mailless")
    }
    assert len(answers) == 1
    assert [each.to for each in letters(site)] == ["ada@example.com"]


def test_a_newer_link_voids_the_older(site: Site, browser: Browser) -> None:
    first, second = link_for(site), link_for(site)
    assert "no longer works" in browser.get(first).text
    assert "Set a new password" in browser.get(second).text


def test_a_link_ends_after_half_an_hour(site: Site, browser: Browser) -> None:
    link = link_for(site)
    site.clock.now += 1799
    browser.visit(link)
    site.clock.now += 1
    assert browser.submit(password=NEW).status_code == 400
    assert site.browser().sign_in("ada").status_code == 303


def test_a_link_of_somebody_who_was_disabled_since_does_nothing(site: Site, browser: Browser) -> None:
    link = link_for(site)
    with site.app.server.database.write() as connection:
        ada = users.by_login(connection, "ada")
        assert ada is not None
        users.disable(connection, ada.sub, NOW)
    assert "no longer works" in browser.get(link).text


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-Host", "Referer", "Origin"])
def test_no_header_reaches_a_link_in_a_mail(site: Site, browser: Browser, header: str) -> None:
    browser.visit("/forgot")
    if header == "Host":
        known = browser.get_cookie("authserver_browser")
        assert known is not None
        browser.set_cookie(known.key, known.value, domain="evil.example")
    value = "host=evil.example" if header == "Forwarded" else "evil.example"
    browser.post("/forgot", data={"csrf_token": browser.csrf, "username": "ada"}, headers={header: value})
    for each in letters(site):
        assert "evil.example" not in each.text
        assert each.link.startswith("/reset?token=")
    assert len(letters(site)) == (0 if header == "Origin" else 1)


def test_one_address_asks_ten_times_an_hour(site: Site, browser: Browser) -> None:
    for number in range(10):
        ask(browser, f"nobody{number}")
    browser.visit("/forgot")
    refused = browser.submit(username="ada")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert letters(site) == []


@pytest.mark.parametrize("login", ["", " ", "\0", "x" * 2000, "ada\r\nBcc: x@example.com"])
def test_what_is_nobody_s_name_is_asked_again(site: Site, browser: Browser, login: str) -> None:
    browser.visit("/forgot")
    assert browser.submit(username=login).status_code == 400
    assert letters(site) == []


def test_two_addresses_in_one_request_are_one_mail_to_the_owner(site: Site, browser: Browser) -> None:
    browser.visit("/forgot")
    body = f"csrf_token={browser.csrf}&username=ada&username=evil%40example.com"
    browser.post("/forgot", data=body, content_type="application/x-www-form-urlencoded")
    assert [each.to for each in letters(site)] == ["ada@example.com"]


def test_a_reset_proves_the_address_and_forgets_the_strangers_who_guessed(make_site: MakeSite) -> None:
    site = make_site(signin_limit_account="1000 per minute", signin_limit_address="1000 per minute")
    ada = site.add("ada", "ada@example.com")
    stranger = site.browser()
    for _ in range(6):
        stranger.sign_in("ada", "wrong")
    assert site.browser().sign_in("ada").status_code == 429
    browser = site.browser()
    browser.visit(link_for(site))
    browser.submit(password=NEW)
    assert site.browser().sign_in("ada", NEW).status_code == 303
    with site.app.server.database.read() as connection:
        after = users.get(connection, ada.sub)
    assert not ada.email_verified
    assert after is not None
    assert after.email_verified


def test_neither_log_nor_audit_holds_a_link(site: Site, browser: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    link = link_for(site)
    token = link.partition("token=")[2]
    browser.visit(link)
    browser.submit(password=NEW)
    site.app.server.recorder.flush()
    with site.app.server.database.read() as connection:
        rows = str(connection.execute(events.select()).all())
    said = "".join(capsys.readouterr()) + rows
    assert "user:password:reset" in said
    assert token not in said
    assert NEW not in said


def test_an_invitation_makes_the_account_it_was_made_for(site: Site, browser: Browser) -> None:
    server = site.app.server
    detail = {"username": "grace", "name": "Grace", "roles": ["admin"]}
    with server.database.write() as connection:
        token = links.make(connection, "invite", "grace@example.com", NOW, 3600, detail=detail)
    assert 'value="Grace"' in browser.visit(f"/invite?token={token}").text
    assert browser.submit(name="Grace Hopper", password="short").status_code == 400
    assert browser.submit(name="Grace Hopper", password=NEW, roles="user").headers["Location"] == f"{ISSUER}/account"
    with server.database.read() as connection:
        grace = users.by_login(connection, "grace@example.com")
    assert grace is not None
    assert (grace.username, grace.name, grace.roles, grace.email_verified) == (
        "grace",
        "Grace Hopper",
        ("admin",),
        True,
    )
    assert "no longer works" in site.browser().get(f"/invite?token={token}").text
    assert letters(site) == []


def test_an_invitation_gives_somebody_without_a_password_their_first(site: Site, browser: Browser) -> None:
    server = site.app.server
    with server.database.write() as connection:
        grace = users.add(connection, username="grace", email="grace@example.com", now=NOW)
        token = links.make(connection, "invite", "grace@example.com", NOW, 3600, sub=grace.sub)
    browser.visit(f"/invite?token={token}")
    assert browser.submit(password=NEW).status_code == 303
    assert site.browser().sign_in("grace", NEW).status_code == 303
