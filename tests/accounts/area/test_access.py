"""Sessions, applications, activity, data, and the end of an account: a person's own, and nobody else's."""

import json
import re

from sqlalchemy import select

from authserver.protocol.person.claims import PROFILE
from authserver.store.tables import deleted_subs, events, sessions
from authserver.store.tables import users as people
from authserver.store.upstream import identities
from tests.accounts.area.steps import allow, find, told
from tests.accounts.post import letter
from tests.accounts.site import Browser, Site


def test_sessions_are_listed_and_ended_one_by_one_or_all_others(site: Site, browser: Browser) -> None:
    others = [site.browser() for _ in range(3)]
    for other in others:
        other.sign_in("ada")
    page = browser.visit("/account/sessions")
    sids = re.findall(r'name="end" value="([^"]{10,})"', page.text)
    assert len(sids) == 3
    assert page.text.count("this browser") == 1
    browser.submit(end=sids[0])
    assert sum("You’re signed in" in other.visit("/").text for other in others) == 2
    browser.submit(end="others")
    assert not any("You’re signed in" in other.visit("/").text for other in others)
    assert "You’re signed in" in browser.visit("/").text
    assert (told(site).count("user:session:ended"), told(site).count("user:sessions:ended")) == (1, 1)


def test_nobody_ends_the_session_of_somebody_else(site: Site, browser: Browser) -> None:
    site.add("bob")
    bob = site.browser()
    bob.sign_in("bob")
    with site.app.server.database.read() as connection:
        sids = list(connection.execute(select(sessions.c.sid)).scalars())
    browser.visit("/account/sessions")
    for sid in sids:
        browser.submit(end=sid)
    assert "You’re signed in" in bob.visit("/").text


def test_an_application_is_listed_with_what_it_may_do_and_its_access_withdrawn(site: Site, browser: Browser) -> None:
    assert "No application has access" in browser.visit("/account/applications").text
    allow(browser)
    page = browser.visit("/account/applications").text
    assert "Team &lt;b&gt;portal&lt;/b&gt;" in page
    assert "See your email address" in page
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
    assert page.count("Wrong password entered") == 1
    assert page.count("<strong>Signed in</strong>") == 1


def test_the_data_is_a_file_without_any_secret(site: Site, browser: Browser) -> None:
    allow(browser)
    ada = find(site)
    assert ada is not None
    with site.app.server.database.write() as connection:
        identities.add(
            connection,
            issuer="https://id.example.com",
            subject="1815",
            sub=ada.sub,
            provider="work",
            email="ada@work.example.com",
            sealed_tokens=b"sealed tokens",
            now=1,
        )
    site.app.server.recorder.flush()
    browser.visit("/account/export")
    answer = browser.submit()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    data = json.loads(answer.text)
    assert data["account"]["email"] == "ada@example.com"
    assert data["account"]["profile"].keys() == PROFILE.keys()
    assert [each["client_id"] for each in data["applications"]] == ["portal"]
    assert len(data["sessions"]) == 1
    assert [(each["provider"], each["subject"]) for each in data["identities"]] == [("work", "1815")]
    assert "sealed" not in answer.text
    assert "user:login:succeeded" in {each["name"] for each in data["activity"]}
    assert "argon2" not in answer.text
    assert str(browser.session_cookie()) not in answer.text


def test_a_deleted_account_is_gone_with_everything_and_told_by_mail(site: Site, browser: Browser) -> None:
    allow(browser)
    ada = find(site)
    assert ada is not None
    browser.visit("/account/delete")
    assert "Check the box" in browser.submit().text
    assert "Your account has been deleted" in browser.submit(sure="y").text
    assert letter(site, "account_deleted").to == "ada@example.com"
    assert find(site) is None
    assert "not signed in" in browser.visit("/").text
    assert site.browser().sign_in("ada").status_code == 400
    with site.app.server.database.read() as connection:
        for table in people.metadata.sorted_tables:
            if "sub" in table.c and table not in (events, deleted_subs):
                assert connection.execute(select(table).where(table.c.sub == ada.sub)).all() == [], table.name
    again = site.add("ada", "ada@example.com")
    assert again.sub != ada.sub
