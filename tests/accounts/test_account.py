"""The account area: what a person sees and changes of their own account, and nobody else's."""

import json
import re

import pytest
from sqlalchemy import select

from authserver.store import links, users
from authserver.store.tables import events, outbox
from authserver.store.tables import users as people
from authserver.store.users import User
from tests.accounts.conftest import MakeSite
from tests.accounts.post import letter, letters
from tests.accounts.site import CLIENTS, COOKIE, ISSUER, NOW, PASSWORD, Browser, Site

NEW = "Another horse 99?"
FRESH = ("email", "password", "export", "delete")
PLACES = ("profile", "sessions", "applications", "activity", *FRESH)
PORTAL = CLIENTS.replace("consent: never", "consent: once")


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A server with Ada in it, and a client that asks for consent."""
    site = make_site(PORTAL)
    site.add("ada", "ada@example.com", "Ada <i>Lovelace</i>")
    return site


@pytest.fixture
def browser(site: Site) -> Browser:
    """Ada's browser, freshly signed in."""
    browser = site.browser()
    browser.sign_in("ada")
    return browser


def find(site: Site, login: str = "ada") -> User | None:
    with site.app.server.database.read() as connection:
        return users.by_login(connection, login)


def told(site: Site) -> list[str]:
    site.app.server.recorder.flush()
    with site.app.server.database.read() as connection:
        return list(connection.execute(select(events.c.name)).scalars())


def allow(browser: Browser) -> None:
    """Give the portal access."""
    asked = browser.authorize(scope="openid profile email")
    browser.visit(asked.headers["Location"])
    onward = browser.submit(decision="allow").headers["Location"]
    assert "code=" in browser.get(onward.removeprefix(ISSUER)).headers["Location"]


@pytest.mark.parametrize("place", ["", *PLACES])
def test_every_page_leads_through_the_sign_in_page_and_back(site: Site, place: str) -> None:
    browser = site.browser()
    path = f"/account/{place}".rstrip("/")
    asked = browser.get(path)
    assert (asked.status_code, asked.headers["Location"]) == (303, f"/sign-in?to={place or 'account'}")
    browser.visit(asked.headers["Location"])
    assert browser.sign_in("ada").headers["Location"] == ISSUER + path
    page = browser.visit(path)
    assert page.status_code == 200
    assert "<i>" not in page.text


@pytest.mark.parametrize("place", PLACES)
def test_what_matters_asks_again_after_ten_minutes(site: Site, browser: Browser, place: str) -> None:
    site.clock.now += 599
    assert browser.visit(f"/account/{place}").status_code == 200
    site.clock.now += 1
    again = browser.visit(f"/account/{place}")
    if place not in FRESH:
        assert again.status_code == 200
        return
    assert again.headers["Location"] == f"/sign-in?to={place}"
    assert "Confirm it’s you" in browser.visit(f"/sign-in?to={place}").text
    stale = browser.post(f"/account/{place}", data={"csrf_token": browser.csrf, "sure": "y", "email": "e@x.com"})
    assert stale.headers["Location"] == f"/sign-in?to={place}"
    assert find(site) is not None
    assert browser.sign_in("ada").headers["Location"] == f"{ISSUER}/account/{place}"


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "x" * 5000, "\0", "home"])
def test_the_way_back_leads_nowhere_else(site: Site, to: str) -> None:
    browser = site.browser()
    browser.get("/sign-in", query_string={"to": to})
    browser.visit("/sign-in")
    answer = browser.post(
        "/sign-in",
        query_string={"to": to},
        data={"csrf_token": browser.csrf, "username": "ada", "password": PASSWORD},
    )
    assert answer.headers["Location"] == f"{ISSUER}/"


def test_the_profile_is_saved_and_reaches_nothing_else(site: Site, browser: Browser) -> None:
    before = find(site)
    browser.visit("/account/profile")
    fields = {
        "name": "  Ada\0 King ",
        "given_name": "Ada",
        "family_name": "",
        "picture": "https://example.com/ada.png",
        "locale": "de-AT",
        "zoneinfo": "Europe/Vienna",
    }
    extra = {"email": "x@example.com", "email_verified": "y", "username": "root", "roles": "admin", "sub": "x"}
    assert browser.submit(**fields, **extra).headers["Location"] == "/account/profile?done=1"
    after = find(site)
    assert before is not None
    assert after is not None
    assert (after.name, after.given_name, after.family_name) == ("Ada King", "Ada", None)
    assert (after.picture, after.locale, after.zoneinfo) == ("https://example.com/ada.png", "de-AT", "Europe/Vienna")
    kept = ("sub", "username", "email", "email_verified", "roles")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("picture", "http://example.com/a.png"),
        ("picture", "javascript:alert(1)"),
        ("picture", "https://user@example.com/a"),
        ("picture", "https://exa mple.com"),
        ("picture", "https://[::1"),
        ("picture", 'https://x.example/"onload='),
        ("locale", "de_AT!"),
        ("zoneinfo", "../../etc/passwd"),
        ("zoneinfo", "Mars/Olympus"),
    ],
)
def test_a_fault_is_named_at_its_field_and_nothing_is_saved(
    site: Site, browser: Browser, field: str, value: str
) -> None:
    browser.visit("/account/profile")
    answer = browser.submit(**{"name": "Changed", field: value})
    assert answer.status_code == 400
    assert f'id="{field}-note"' in answer.text
    assert 'class="note wrong"' in answer.text
    after = find(site)
    assert after is not None
    assert after.name != "Changed"


def test_a_new_address_is_proven_by_its_code_and_the_old_one_is_told(site: Site, browser: Browser) -> None:
    browser.visit("/account/email")
    browser.visit(browser.submit(email="Ada@New.example").headers["Location"])
    mail = letter(site, "verify")
    assert mail.to == "ada@new.example"
    assert getattr(find(site), "email", None) == "ada@example.com"
    assert browser.submit(code=mail.code).headers["Location"] == "/account/email?done=1"
    after = find(site)
    assert after is not None
    assert (after.email, after.email_verified) == ("ada@new.example", True)
    assert (letter(site, "email_changed").to, "user:email:changed" in told(site)) == ("ada@example.com", True)


def test_the_link_for_an_address_asks_who_opens_it_to_be_the_one_who_asked(site: Site, browser: Browser) -> None:
    site.add("bob")
    browser.visit("/account/email")
    browser.submit(email="ada@new.example")
    link = letter(site, "verify").link
    bob = site.browser()
    bob.sign_in("bob")
    assert bob.get(link).headers["Location"] == "/sign-in?to=verify&another=1"
    elsewhere = site.browser()
    assert elsewhere.get(link).headers["Location"] == "/sign-in?to=verify"
    assert getattr(find(site), "email", None) == "ada@example.com"
    elsewhere.visit("/sign-in?to=verify")
    assert elsewhere.sign_in("ada").headers["Location"] == f"{ISSUER}/verify"
    assert "becomes the address of your account" in elsewhere.visit("/verify").text
    assert elsewhere.submit().status_code == 303
    assert getattr(find(site), "email", None) == "ada@new.example"


def test_an_address_of_somebody_else_is_not_told_and_not_taken(site: Site, browser: Browser) -> None:
    site.add("bob", "bob@example.com")
    browser.visit("/account/email")
    page = browser.visit(browser.submit(email="bob@example.com").headers["Location"])
    assert "We sent a message to <strong>bob@example.com</strong>" in page.text
    assert letter(site, "address_taken").to == "bob@example.com"
    assert "code is not right" in browser.submit(code="000000").text
    assert getattr(find(site), "email", None) == "ada@example.com"


def test_a_changed_address_voids_a_link_to_reset_that_the_old_one_got(site: Site, browser: Browser) -> None:
    ada = find(site)
    assert ada is not None
    with site.app.server.database.write() as connection:
        token = links.make(connection, "reset", "ada@example.com", NOW, 1800, sub=ada.sub)
    browser.visit("/account/email")
    browser.visit(browser.submit(email="ada@new.example").headers["Location"])
    browser.submit(code=letter(site, "verify").code)
    assert "does not work any more" in browser.get(f"/reset?token={token}").text


def test_a_new_password_needs_the_old_one_and_ends_every_other_session(site: Site, browser: Browser) -> None:
    other = site.browser()
    other.sign_in("ada")
    browser.visit("/account/password")
    before = browser.session_cookie()
    assert "current password is not right" in browser.submit(current_password="wrong", password=NEW).text
    assert browser.submit(current_password=PASSWORD, password=NEW).headers["Location"] == "/account/password?done=1"
    assert browser.session_cookie() != before
    assert "Your password is changed" in browser.visit("/account/password?done=1").text
    assert "not signed in" in other.visit("/").text
    assert letter(site, "password_changed").to == "ada@example.com"
    assert site.browser().sign_in("ada", NEW).status_code == 303
    assert site.browser().sign_in("ada").status_code == 400


def test_the_current_password_cannot_be_guessed_at_here_either(site: Site, browser: Browser) -> None:
    browser.visit("/account/password")
    answers = [browser.submit(current_password="wrong", password=NEW).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]
    assert browser.submit(current_password=PASSWORD, password=NEW).status_code == 429


def test_sessions_are_listed_and_ended_one_by_one_or_all_others(site: Site, browser: Browser) -> None:
    others = [site.browser() for _ in range(3)]
    for other in others:
        other.sign_in("ada")
    page = browser.visit("/account/sessions")
    sids = re.findall(r'name="end" value="([^"]{10,})"', page.text)
    assert len(sids) == 3
    assert page.text.count("this browser") == 1
    browser.submit(end=sids[0])
    assert sum("You are signed in" in other.visit("/").text for other in others) == 2
    browser.submit(end="others")
    assert not any("You are signed in" in other.visit("/").text for other in others)
    assert "You are signed in" in browser.visit("/").text
    assert told(site).count("user:session:ended") == 3


def test_nobody_ends_the_session_of_somebody_else(site: Site, browser: Browser) -> None:
    site.add("bob")
    bob = site.browser()
    bob.sign_in("bob")
    with site.app.server.database.read() as connection:
        from authserver.store.tables import sessions

        sids = list(connection.execute(select(sessions.c.sid)).scalars())
    browser.visit("/account/sessions")
    for sid in sids:
        browser.submit(end=sid)
    assert "You are signed in" in bob.visit("/").text


def test_an_application_is_listed_with_what_it_may_do_and_its_access_withdrawn(site: Site, browser: Browser) -> None:
    assert "No application has access" in browser.visit("/account/applications").text
    allow(browser)
    page = browser.visit("/account/applications").text
    assert "Team &lt;b&gt;portal&lt;/b&gt;" in page
    assert "See your e-mail address" in page
    assert "last used" in page
    browser.submit(client_id="portal")
    assert "No application has access" in browser.visit("/account/applications").text
    assert "user:access:withdrawn" in told(site)
    assert "/consent" in browser.authorize(scope="openid profile email").headers["Location"]


def test_withdrawing_touches_nobody_else_s_access(site: Site, browser: Browser) -> None:
    site.add("bob")
    bob = site.browser()
    bob.sign_in("bob")
    allow(bob)
    browser.visit("/account/applications")
    browser.visit("/account/profile")
    browser.post("/account/applications", data={"csrf_token": browser.csrf, "client_id": "portal"})
    assert "Withdraw" in bob.visit("/account/applications").text


def test_activity_names_what_concerns_this_person_alone(site: Site, browser: Browser) -> None:
    site.add("bob")
    site.browser().sign_in("bob", "wrong")
    site.browser().sign_in("ada", "wrong")
    site.app.server.recorder.flush()
    page = browser.visit("/account/activity").text
    assert page.count("A wrong password was tried") == 1
    assert page.count("<strong>Signed in</strong>") == 1


def test_the_data_is_a_file_without_any_secret(site: Site, browser: Browser) -> None:
    allow(browser)
    site.app.server.recorder.flush()
    browser.visit("/account/export")
    answer = browser.submit()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    data = json.loads(answer.text)
    assert data["account"]["email"] == "ada@example.com"
    assert [each["client_id"] for each in data["applications"]] == ["portal"]
    assert len(data["sessions"]) == 1
    assert "user:login:succeeded" in {each["name"] for each in data["activity"]}
    assert "argon2" not in answer.text
    assert str(browser.session_cookie()) not in answer.text


def test_a_deleted_account_is_gone_with_everything_and_told_by_mail(site: Site, browser: Browser) -> None:
    allow(browser)
    ada = find(site)
    assert ada is not None
    browser.visit("/account/delete")
    assert "Tick the box" in browser.submit().text
    assert "Your account is deleted" in browser.submit(sure="y").text
    assert letter(site, "account_deleted").to == "ada@example.com"
    assert find(site) is None
    assert "not signed in" in browser.visit("/").text
    assert site.browser().sign_in("ada").status_code == 400
    with site.app.server.database.read() as connection:
        for table in people.metadata.sorted_tables:
            if "sub" in table.c and table is not events:
                assert connection.execute(select(table).where(table.c.sub == ada.sub)).all() == [], table.name
    again = site.add("ada", "ada@example.com")
    assert again.sub != ada.sub


def test_after_signing_out_no_page_comes_from_a_cache_or_a_copied_cookie(browser: Browser) -> None:
    for place in ("", *PLACES):
        page = browser.visit(f"/account/{place}".rstrip("/"))
        assert page.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["X-Frame-Options"] == "DENY"
    copied = str(browser.session_cookie())
    browser.visit("/")
    browser.submit()
    browser.set_cookie(COOKIE, copied)
    assert browser.get("/account").status_code == 303


@pytest.mark.parametrize("place", ["profile", "email", "password", "sessions", "applications", "export", "delete"])
def test_a_form_of_another_site_changes_nothing(site: Site, browser: Browser, place: str) -> None:
    allow(browser)
    browser.visit(f"/account/{place}")
    waiting = len(letters(site))
    fields = {
        **{"name": "X", "email": "x@example.com", "current_password": PASSWORD, "password": NEW},
        **{"end": "others", "client_id": "portal", "sure": "y"},
    }
    before = find(site)
    path = f"/account/{place}"
    assert browser.post(path, data=fields).status_code == 400
    assert (
        browser.post(path, data=fields | {"csrf_token": site.browser().visit("/sign-in").text[:20]}).status_code == 400
    )
    good = fields | {"csrf_token": browser.csrf}
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert browser.post(path, data=good, headers=header).status_code == 403
    assert browser.get(path, query_string=fields).status_code == 200
    assert find(site) == before
    assert "Withdraw" in browser.visit("/account/applications").text
    with site.app.server.database.read() as connection:
        assert len(connection.execute(select(outbox)).all()) == waiting
