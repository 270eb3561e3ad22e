"""Everything that is kept about a person, downloaded by an administrator: who may, what it holds, who learns of it."""

import json

from authserver.store import users
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import act, find, told
from tests.accounts.post import letters
from tests.accounts.site import Browser, Site

BUTTON = "Download everything about this person"


def disclosed(site: Site) -> list[dict[str, object]]:
    return [detail for name, detail in told(site) if name == "user:data:disclosed"]


def test_an_administrator_gets_the_file_that_the_person_gets(site: Site, root: Browser) -> None:
    own = signed_in(site, "ada")
    ada = find(site, "ada")
    assert BUTTON in root.get(f"/admin/people/{ada.sub}").text
    answer = act(root, ada, "export")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{ada.sub}.json"'
    assert "no-store" in answer.headers["Cache-Control"]
    own.visit("/account/export")
    theirs, given = json.loads(own.submit().text), json.loads(answer.text)
    for each in (theirs, given):
        each.pop("activity")
    assert given == theirs
    assert given["account"]["username"] == "ada"
    for secret in ("argon2", "password_hash", str(own.session_cookie())):
        assert secret not in answer.text


def test_the_person_is_told_and_sees_who_came_by_which_way(site: Site, root: Browser) -> None:
    act(root, find(site, "ada"), "export")
    (detail,) = disclosed(site)
    assert (detail["by"], detail["through"]) == (find(site, "root").sub, "pages")
    assert [(each.kind, each.to) for each in letters(site)][-1] == ("data_disclosed", "ada@example.com")
    assert "Account data downloaded by an administrator" in signed_in(site, "ada").get("/account/activity").text


def test_it_takes_a_permission_of_its_own_a_fresh_sign_in_and_a_person_whom_one_may_touch(
    site: Site, root: Browser, mod: Browser
) -> None:
    ada = find(site, "ada")
    # A moderator may see and change people.
    assert BUTTON not in mod.get(f"/admin/people/{ada.sub}").text
    assert act(mod, ada, "export").status_code == 403
    assert root.post(f"/admin/people/{ada.sub}", data={"act": "export"}).status_code == 400
    assert root.get("/admin/people/nobody").status_code == 404
    with site.app.server.database.write() as connection:
        users.set_roles(connection, find(site, "aud").sub, ["privacy", "user"], 2)
    officer = signed_in(site, "aud")
    assert act(officer, ada, "export").status_code == 200
    assert act(officer, find(site, "root"), "export").status_code == 403
    assert BUTTON not in officer.get(f"/admin/people/{find(site, 'root').sub}").text
    site.clock.now += site.app.server.settings.fresh_authentication + 1
    stale = act(root, ada, "export")
    assert (stale.status_code, "/sign-in" in stale.headers["Location"]) == (303, True)
    assert len(disclosed(site)) == 1


def test_whoever_is_gone_meanwhile_has_no_file(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    with site.app.server.database.write() as connection:
        users.remove(connection, ada.sub, 2)
    assert act(root, ada, "export").status_code == 404
    assert disclosed(site) == []


def test_the_page_that_stays_open_beside_the_file_still_does_what_its_buttons_say(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    for _ in range(2):
        assert act(root, ada, "export", version=ada.version).status_code == 200
    assert act(root, ada, "disable", version=ada.version).headers["Location"].endswith("?done=disabled")
    assert find(site, "ada").disabled_at is not None
