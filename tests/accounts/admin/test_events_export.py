"""Downloading the audit events, which tell of everybody: by whom, how freshly signed in, and what is kept of it."""

from sqlalchemy import text as sql

from authserver.store import users
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import find, told
from tests.accounts.site import Browser, Site

EXPORT = "/admin/events/export"


def test_it_takes_the_permission_to_read_and_to_take_along_and_a_fresh_sign_in(site: Site, root: Browser) -> None:
    link = f'href="{EXPORT}'
    auditor = signed_in(site, "aud")
    # An auditor may read events, page by page.
    assert link not in auditor.get("/admin/events").text
    assert auditor.get(EXPORT).status_code == 403
    for roles, status in ((["privacy"], 403), (["auditor", "privacy"], 200)):
        with site.app.server.database.write() as connection:
            users.set_roles(connection, find(site, "aud").sub, roles, 2)
        assert signed_in(site, "aud").get(EXPORT).status_code == status
    for allowed in (root, signed_in(site, "aud")):
        assert link in allowed.get("/admin/events").text
        assert allowed.get(EXPORT).status_code == 200
    site.clock.now += site.app.server.settings.fresh_authentication + 1
    stale = root.get(EXPORT)
    assert (stale.status_code, stale.headers["Location"].endswith("/sign-in?to=admin_events")) == (303, True)
    assert root.get("/admin/events").status_code == 200
    root.visit("/sign-in?to=admin_events")
    assert root.sign_in("root").headers["Location"].endswith("/admin/events")
    assert root.get(EXPORT).status_code == 200
    kept = [detail for name, detail in told(site) if name == "server:events:exported"]
    assert [(each["by"], each["through"]) for each in kept] == [
        (find(site, name).sub, "pages") for name in ("aud", "root", "aud", "root")
    ]


def test_its_event_is_kept_before_the_first_line_leaves_and_is_in_it(site: Site, root: Browser) -> None:
    site.app.server.recorder.flush()
    assert "server:events:exported" in root.get(EXPORT).text.splitlines()[0]


def test_without_its_event_no_event_leaves(site: Site, root: Browser) -> None:
    site.app.server.recorder.flush()
    with site.app.server.database.write() as connection:
        connection.execute(sql("ALTER TABLE events RENAME TO away"))
        # Which can be read, and not written to.
        connection.execute(sql("CREATE VIEW events AS SELECT * FROM away"))
    refused = root.get(EXPORT)
    assert refused.status_code == 503
    assert "user:login" not in refused.text
