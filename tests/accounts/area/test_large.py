"""The area of somebody who has very much: each list comes by page, and everything on it can be ended."""

from sqlalchemy import insert, select

from authserver.store.allowed.tables import consents
from authserver.store.sessions import SignIn, start
from authserver.store.tables import sessions
from tests.accounts.area.steps import find
from tests.accounts.paged import by_page
from tests.accounts.site import Browser, Site

MANY = 120


def test_many_applications_come_by_page_and_one_of_a_later_page_is_withdrawn(site: Site, browser: Browser) -> None:
    ada = find(site, "ada")
    assert ada is not None
    with site.app.server.database.write() as connection:
        row = {"sub": ada.sub, "scope": "openid", "audiences": "", "granted_at": 1}
        connection.execute(insert(consents), [row | {"client_id": f"app{n:03}"} for n in range(MANY)])
    assert "50 or more" in browser.get("/account").text
    item = r'name="client_id" value="(app\d+)"'
    assert by_page(browser, "/account/applications", item) == [f"app{n:03}" for n in range(MANY)]
    browser.visit("/account/applications?after=app110")
    browser.submit(client_id="app115")
    assert "app115" not in by_page(browser, "/account/applications", item)
    # What is no client of anybody's is refused by nothing worse than the first page.
    for odd in ("%00", "%F0%9F%98%80", "x" * 3000):
        assert "app000" in browser.get(f"/account/applications?after={odd}").text or odd != "%00"


def test_many_sessions_come_by_page_and_one_of_a_later_page_is_ended(site: Site, browser: Browser) -> None:
    ada, now = find(site, "ada"), int(site.clock.now)
    assert ada is not None
    with site.app.server.database.write() as connection:
        for number in range(MANY):
            sign_in = SignIn(ada.sub, ("pwd",), 10**6, 10**6, address=f"192.0.2.{number}")
            start(connection, sign_in, now - number // 2)
    assert "50 or more" in browser.get("/account").text
    item = r'name="end" value="([^"]{10,})"'
    met = by_page(browser, "/account/sessions", item)
    assert len(met) == len(set(met)) == MANY
    browser.visit("/account/sessions")
    browser.submit(end=met[-1])
    with site.app.server.database.read() as connection:
        ended = connection.execute(select(sessions.c.sid).where(sessions.c.ended_at.is_not(None))).scalars().all()
    assert ended == [met[-1]]
    assert "this browser" in browser.get("/account/sessions?begun=x&sid=%00").text
