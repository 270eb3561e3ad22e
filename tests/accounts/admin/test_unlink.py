"""A linked sign-in that an administrator removes on a person's page: never the last way in."""

import re
from threading import Barrier, Thread

import pytest

from authserver.store import users
from authserver.store.upstream import identities
from authserver.store.users import User
from tests.accounts.admin.conftest import CLIENTS, peopled, signed_in
from tests.accounts.admin.steps import act, find, token_on, told
from tests.accounts.conftest import MakeSite
from tests.accounts.post import letters
from tests.accounts.site import Browser, Site


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A server that signs people in by Google, too."""
    given = {"google_client_id": "x.apps.googleusercontent.com", "google_client_secret": "s"}
    return peopled(make_site(CLIENTS, **given))


def link(site: Site, user: User, provider: str, subject: str) -> None:
    with site.app.server.database.write() as connection:
        assert identities.add(
            connection,
            issuer=f"https://{provider}.example.com",
            subject=subject,
            sub=user.sub,
            provider=provider,
            email=f"{subject}@example.org",
            sealed_tokens=None,
            now=1,
        )


def without_password(site: Site, *linked: tuple[str, str]) -> User:
    with site.app.server.database.write() as connection:
        bea = users.add(connection, username="bea", email="bea@example.com", now=1)
    for provider, subject in linked:
        link(site, bea, provider, subject)
    return bea


def keys(browser: Browser, user: User) -> list[str]:
    """What the buttons on their page send, in the order of the list."""
    return re.findall(r'name="identity" value="([^"]+)"', browser.get(f"/admin/people/{user.sub}").text)


def left(site: Site, user: User) -> list[str]:
    with site.app.server.database.read() as connection:
        return [each.subject for each in identities.of_person(connection, user.sub)]


def test_a_sign_in_is_removed_with_event_and_letter(site: Site, mod: Browser) -> None:
    ada = find(site, "ada")
    link(site, ada, "google", "1")
    link(site, ada, "google", "2")
    first, second = keys(mod, ada)
    assert act(mod, ada, "unlink", identity=first).headers["Location"].endswith("done=unlinked")
    assert "The sign-in is no longer linked." in mod.get(f"/admin/people/{ada.sub}?done=unlinked").text
    assert left(site, ada) == ["2"]
    name, detail = told(site)[-1]
    assert (name, detail["provider"]) == ("user:identity:unlinked", "google")
    assert (detail["by"], detail["through"]) == (find(site, "mod").sub, "pages")
    assert [(each.kind, each.to) for each in letters(site)][-1] == ("sign_in_unlinked", "ada@example.com")
    assert "An administrator unlinked Google" in " ".join(letters(site)[-1].text.split())
    # It is gone already.
    again = act(mod, ada, "unlink", identity=first)
    assert (again.status_code, "no longer linked" in again.text) == (404, True)
    # She has a password, so the last one may go.
    assert act(mod, ada, "unlink", identity=second).status_code == 303
    assert left(site, ada) == []


@pytest.mark.parametrize("linked", [[("google", "1")], [("google", "1"), ("gone", "2")]])
def test_the_last_way_in_stays(site: Site, mod: Browser, linked: list[tuple[str, str]]) -> None:
    bea = without_password(site, *linked)
    answer = act(mod, bea, "unlink", identity=keys(mod, bea)[0])
    assert (answer.status_code, "only way to sign in" in answer.text) == (409, True)
    assert len(left(site, bea)) == len(linked)
    assert "user:identity:unlinked" not in dict(told(site))


def test_of_two_ways_in_that_are_removed_at_once_one_stays(site: Site) -> None:
    bea = without_password(site, ("google", "1"), ("google", "2"))
    browsers = [signed_in(site, "mod") for _ in range(2)]
    sent = [
        {"csrf_token": token_on(each.get("/account/profile").text), "act": "unlink", "identity": key, "version": "1"}
        for each, key in zip(browsers, keys(browsers[0], bea), strict=True)
    ]
    barrier, answers = Barrier(2), list[int]()

    def send(browser: Browser, data: dict[str, str]) -> None:
        barrier.wait()
        answers.append(browser.post(f"/admin/people/{bea.sub}", data=data).status_code)

    threads = [Thread(target=send, args=each) for each in zip(browsers, sent, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers) == [303, 409]
    assert len(left(site, bea)) == 1


def test_who_may_not_change_the_person_removes_none(site: Site, mod: Browser) -> None:
    root, ada = find(site, "root"), find(site, "ada")
    for person in (root, ada):
        link(site, person, "google", person.sub)
    key = keys(signed_in(site, "root"), root)[0]
    assert act(mod, root, "unlink", identity=key).status_code == 403
    # Nor by the page of somebody else.
    assert act(mod, ada, "unlink", identity=key).status_code == 404
    site.clock.now += site.app.server.settings.fresh_authentication + 1
    stale = act(mod, ada, "unlink", identity=key)
    assert (stale.status_code, "/sign-in" in stale.headers["Location"]) == (303, True)
    assert (len(left(site, root)), len(left(site, ada))) == (1, 1)
