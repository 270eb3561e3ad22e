"""People on the pages for administrators: found, changed, ended; never past what one may give."""

import re
from html import unescape
from threading import Barrier, Thread

import pytest

from authserver import people
from authserver.store import directory, sessions, users
from authserver.store.factors import totp
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import act, find, token_on, told
from tests.accounts.post import letters
from tests.accounts.site import ISSUER, Browser, Site


def test_people_are_found_by_what_their_names_begin_with_and_by_role_and_state(site: Site, root: Browser) -> None:
    def listed(query: str) -> set[str]:
        page = root.get(f"/admin/people?{query}").text
        return {name for name in ("root", "mod", "aud", "ada") if f">{name}</a>" in page}

    assert listed("") == {"root", "mod", "aud", "ada"}
    assert listed("search=a") == {"aud", "ada"}
    assert listed("search=ada@example") == {"ada"}
    assert listed("role=moderator") == {"mod"}
    with site.app.server.database.write() as connection:
        users.disable(connection, find(site, "aud").sub, 2)
    assert listed("state=disabled") == {"aud"}
    assert listed("search=a&state=enabled") == {"ada"}
    assert "Nobody found" in root.get("/admin/people?search=zzz").text


def test_many_people_come_by_page(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        for number in range(60):
            users.add(connection, username=f"p{number:02}", now=1)
    first = root.get("/admin/people?search=p").text
    assert (">p49</a>" in first, ">p50</a>" in first) == (True, False)
    more = re.search(r'href="([^"]+after=[^"]+)"', first)
    assert more
    second = root.get(unescape(more[1])).text
    assert (">p49</a>" in second, ">p50</a>" in second, ">p59</a>" in second) == (False, True, True)


def test_what_people_call_themselves_is_text_on_every_page(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    for path in ("/admin/people", f"/admin/people/{ada.sub}"):
        page = root.get(path).text
        assert "Ada &lt;i&gt;x&lt;/i&gt;" in page
        assert "<i>" not in page
    assert "Team &lt;b&gt;portal&lt;/b&gt;" in root.get("/admin/clients").text


def test_roles_and_groups_are_set_with_event_and_who_did_it(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    response = act(root, ada, "roles", role=["user", "auditor"])
    assert response.headers["Location"].endswith(f"/admin/people/{ada.sub}?done=roles")
    assert "The roles have been saved." in root.get(f"/admin/people/{ada.sub}?done=roles").text
    assert find(site, "ada").roles == ("auditor", "user")
    act(root, ada, "groups", group=["staff"])
    assert find(site, "ada").groups == ("staff",)
    detail = dict(told(site))["user:roles:changed"]
    assert (detail["by"], detail["through"]) == (find(site, "root").sub, "pages")


def test_nobody_gives_more_than_they_may(site: Site, mod: Browser) -> None:
    ada, root = find(site, "ada"), find(site, "root")
    refused = act(mod, ada, "roles", role=["user", "admin"])
    assert refused.status_code == 403
    assert "You may not give one of these." in refused.text
    assert find(site, "ada").roles == ("user",)
    assert act(mod, ada, "roles", role=["looker"]).status_code == 303
    for name in ("disable", "end_sessions", "roles"):
        assert act(mod, root, name).status_code == 403
    assert find(site, "root").disabled_at is None
    assert "so you can’t change them" in mod.get(f"/admin/people/{root.sub}").text
    # A name that nothing declares is not taken in by this way.
    act(mod, ada, "roles", role=["user", "no-such-role"])
    assert find(site, "ada").roles == ("user",)


def test_of_two_who_saw_the_same_person_the_second_is_told(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    assert act(root, ada, "roles", role=["auditor"]).status_code == 303
    late = act(root, ada, "roles", version=ada.version, role=["user"])
    assert late.status_code == 409
    assert "changed this person in the meantime" in late.text
    assert find(site, "ada").roles == ("auditor",)


def test_of_many_at_once_one_is_done(site: Site) -> None:
    ada = find(site, "ada")
    browsers = [signed_in(site, "root") for _ in range(4)]
    wanted = ["auditor", "looker", "user", "moderator"]
    forms = [token_on(each.get(f"/admin/people/{ada.sub}").text) for each in browsers]
    barrier, answers = Barrier(4), list[int]()

    def send(browser: Browser, token: str, role: str) -> None:
        barrier.wait()
        data = {"csrf_token": token, "act": "roles", "version": str(ada.version), "role": role, "end": "y"}
        answers.append(browser.post(f"/admin/people/{ada.sub}", data=data).status_code)

    threads = [Thread(target=send, args=each) for each in zip(browsers, forms, wanted, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers) == [303, 409, 409, 409]


def test_an_account_is_disabled_and_enabled_and_its_owner_is_told(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    own = signed_in(site, "ada")
    act(root, ada, "disable")
    assert find(site, "ada").disabled_at is not None
    assert own.get("/account").status_code == 303
    act(root, ada, "enable")
    assert find(site, "ada").disabled_at is None
    assert {"account_disabled", "account_enabled"} <= {each.kind for each in letters(site)}


def test_sessions_are_ended_one_and_all(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    browsers = [signed_in(site, "ada") for _ in range(3)]
    with site.app.server.database.read() as connection:
        first = sessions.of_person(connection, ada.sub, site.app.server.now())[0].sid
    act(root, ada, "end_session", sid=first)
    assert [each.get("/account").status_code for each in browsers].count(200) == 2
    act(root, ada, "end_session", sid="no-such-session")
    act(root, ada, "end_sessions")
    assert [each.get("/account").status_code for each in browsers] == [303] * 3


def test_access_of_an_application_is_withdrawn(site: Site, root: Browser) -> None:
    own = signed_in(site, "ada")
    assert "code=" in own.authorize(scope="openid").headers["Location"]
    ada = find(site, "ada")
    assert "Withdraw access" in root.get(f"/admin/people/{ada.sub}").text
    act(root, ada, "withdraw", client_id="portal")
    assert "No application has access." in root.get(f"/admin/people/{ada.sub}").text


def test_wrong_passwords_are_forgotten(site: Site, root: Browser) -> None:
    own = site.browser()
    for _ in range(6):
        own.visit("/sign-in")
        own.submit(username="ada", password="wrong")
    assert act(root, find(site, "ada"), "unlock").status_code == 303
    assert "user:login:unlocked" in dict(told(site))


def test_somebody_is_invited_with_roles_that_one_may_give(site: Site, mod: Browser) -> None:
    page = mod.get("/admin/people/new").text
    fields = {"csrf_token": token_on(page), "email": "new@example.com", "username": "neu", "name": "Neu"}
    refused = mod.post("/admin/people/new", data=fields | {"role": ["admin"]})
    assert (refused.status_code, "You may not give" in refused.text) == (403, True)
    assert mod.post("/admin/people/new", data=fields | {"role": ["user"]}).status_code == 303
    assert [each.to for each in letters(site) if each.kind == "invite"] == ["new@example.com"]
    for wrong in ({"email": "no address"}, {"username": "a b"}, {"username": "ada"}, {"email": "ada@example.com"}):
        answer = mod.post("/admin/people/new", data=fields | wrong)
        assert answer.status_code in {400, 409}, wrong
        assert 'role="alert"' in answer.text


def test_who_may_do_more_is_not_invited_by_who_may_do_less(site: Site, mod: Browser, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        for name, roles, groups in (("bea", ["admin"], []), ("cem", ["user"], ["chiefs"]), ("dan", ["user"], [])):
            person = users.add(connection, username=name, email=f"{name}@example.com", roles=roles, now=1)
            directory.set_groups(connection, person.sub, groups, 1)
    for browser, name, status in ((mod, "bea", 409), (mod, "cem", 409), (mod, "dan", 303), (root, "bea", 303)):
        fields = {"csrf_token": token_on(browser.get("/admin/people/new").text), "email": f"{name.title()}@example.com"}
        answer = browser.post("/admin/people/new", data=fields)
        assert (name, answer.status_code) == (name, status)
        # In the words for an address that has a password: whose it is, is not theirs to hear.
        assert ("This username or email address is taken." in answer.text) is (status == 409)
    assert [each.to for each in letters(site) if each.kind == "invite"] == ["dan@example.com", "bea@example.com"]


def test_nobody_is_invited_to_an_account_that_is_disabled(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        bea = users.add(connection, username="bea", email="bea@example.com", now=1)
        users.disable(connection, bea.sub, 2)
    answer = act(root, bea, "invite")
    assert (answer.status_code, "This account is disabled." in answer.text) == (400, True)
    fields = {"csrf_token": token_on(root.get("/admin/people/new").text), "email": "bea@example.com"}
    assert root.post("/admin/people/new", data=fields).status_code == 409
    assert not [each for each in letters(site) if each.kind == "invite"]


def test_somebody_without_a_password_is_invited_from_their_page(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        bea = users.add(connection, username="bea", email="bea@example.com", now=1)
    assert "Send an invitation" in root.get(f"/admin/people/{bea.sub}").text
    act(root, bea, "invite")
    assert [each.to for each in letters(site) if each.kind == "invite"] == ["bea@example.com"]
    answer = act(root, find(site, "ada"), "invite")
    assert (answer.status_code, "has a password already" in answer.text) == (400, True)


def test_an_account_is_deleted_when_that_is_meant_and_never_ones_own(site: Site, root: Browser) -> None:
    ada, own = find(site, "ada"), find(site, "root")
    assert "Check the box to confirm." in act(root, ada, "delete").text
    assert act(root, ada, "delete", sure="y").headers["Location"].endswith("/admin/people")
    assert root.get(f"/admin/people/{ada.sub}").status_code == 404
    for name in ("delete", "disable"):
        assert "to your own account" in act(root, own, name, sure="y").text
    assert root.get("/account").status_code == 200


def test_who_may_not_delete_cannot(site: Site, mod: Browser) -> None:
    assert act(mod, find(site, "ada"), "delete", sure="y").status_code == 403


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "²"])
def test_a_version_that_is_none_is_one_that_was_never_seen(site: Site, root: Browser, version: str) -> None:
    page = root.get(f"/admin/people/{find(site, 'ada').sub}").text
    data = {"csrf_token": token_on(page), "act": "disable", "version": version}
    assert root.post(f"/admin/people/{find(site, 'ada').sub}", data=data).status_code == 409


def test_a_role_that_nothing_declares_is_shown_as_such(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    with site.app.server.database.write() as connection:
        users.set_roles(connection, ada.sub, ["user", "gone"], 2)
        directory.set_groups(connection, ada.sub, ["left"], 2)
    page = root.get(f"/admin/people/{ada.sub}").text
    assert page.count("not declared") == 2
    assert "Roles that people have although nothing declares them" in root.get("/admin/roles").text


def test_lost_factors_are_taken_away_by_a_link_that_is_shown_once(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    assert "This person has no second factor." in act(root, ada, "reset_factors").text
    with site.app.server.database.write() as connection:
        totp.add(connection, ada.sub, "My phone", "JBSWY3DPEHPK3PXP", b"sealed", 0, 1)
    assert "My phone" in root.get(f"/admin/people/{ada.sub}").text
    answer = act(root, ada, "reset_factors")
    assert answer.status_code == 200
    assert "/reset-factors?token=" in answer.text
    assert "/reset-factors" not in root.get(f"/admin/people/{ada.sub}").text
    assert [each.kind for each in letters(site)][-1] == "factor_reset_requested"


def test_an_uploaded_picture_is_seen_and_removed_and_its_person_is_told(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    with site.app.server.database.write() as connection:
        people.set_picture(people.change_of(site.app.server, connection), ada, b"a picture", ISSUER)
    url = find(site, "ada").profile["picture"]
    assert f'src="{url.removeprefix(ISSUER)}" alt=""' in root.get(f"/admin/people/{ada.sub}").text
    assert root.get(url.removeprefix(ISSUER)).data == b"a picture"
    assert act(root, find(site, "ada"), "remove_picture").headers["Location"].endswith("done=picture")
    assert find(site, "ada").profile["picture"] is None
    assert root.get(url.removeprefix(ISSUER)).status_code == 404
    assert told(site)[-1][0] == "user:profile:changed"
    assert "profile_changed" in [each.kind for each in letters(site)]
