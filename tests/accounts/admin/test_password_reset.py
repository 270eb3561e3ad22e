"""A reset of a password that an administrator asks for: only its owner gets the link."""

import pytest

from authserver.store import addresses, users
from authserver.store.users import User
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import act, find, told
from tests.accounts.post import letter, letters
from tests.accounts.site import Browser, Site


def confirmed(site: Site, login: str) -> User:
    """The person, whose address is known to be theirs."""
    user = find(site, login)
    with site.app.server.database.write() as connection:
        addresses.put(connection, user.sub, user.email, 2, is_verified=True)
    return find(site, login)


def resets(site: Site) -> list[str]:
    return [each.to for each in letters(site) if each.kind == "reset"]


def test_a_reset_of_the_password_is_mailed_to_its_owner_alone(site: Site, mod: Browser) -> None:
    ada = confirmed(site, "ada")
    assert "Send a link to reset the password" in mod.get(f"/admin/people/{ada.sub}").text
    answer = act(mod, ada, "reset_password")
    assert answer.headers["Location"].endswith(f"/admin/people/{ada.sub}?done=reset")
    page = mod.get(f"/admin/people/{ada.sub}?done=reset").text
    assert ("is on its way." in page, "reset?token=" in page) == (True, False)
    sent = letter(site, "reset")
    assert sent.to == "ada@example.com"
    detail = dict(told(site))["user:reset:requested"]
    assert (detail["by"], detail["through"]) == (find(site, "mod").sub, "pages")
    assert "token" not in str(detail)
    own = site.browser()
    own.visit(sent.link)
    assert own.submit(password="Another horse 99?").status_code == 303
    assert find(site, "ada").password_hash != ada.password_hash


def test_a_reset_of_the_password_takes_permission_a_fresh_sign_in_and_the_person_as_seen(
    site: Site, mod: Browser
) -> None:
    ada = confirmed(site, "ada")
    assert act(mod, find(site, "root"), "reset_password").status_code == 403
    assert act(mod, ada, "reset_password", version=ada.version + 1).status_code == 409
    with site.app.server.database.write() as connection:
        users.set_roles(connection, find(site, "aud").sub, ["looker"], 2)
    assert act(signed_in(site, "aud"), ada, "reset_password").status_code == 403
    assert mod.post(f"/admin/people/{ada.sub}", data={"act": "reset_password"}).status_code == 400
    site.clock.now += site.app.server.settings.fresh_authentication + 1
    stale = act(mod, ada, "reset_password")
    assert (stale.status_code, "/sign-in" in stale.headers["Location"]) == (303, True)
    assert resets(site) == []


def test_a_reset_is_mailed_to_a_confirmed_address_of_an_enabled_account_with_a_password(
    site: Site, mod: Browser
) -> None:
    ada = confirmed(site, "ada")
    with site.app.server.database.write() as connection:
        bea = users.add(connection, username="bea", email="bea@example.com", email_verified=True, now=1)
        cem = users.add(connection, username="cem", password_hash=ada.password_hash, now=1)
        dan = users.add(connection, username="dan", email="dan@example.com", password_hash=ada.password_hash, now=1)
        users.disable(connection, ada.sub, 2)
    refusals = (
        (bea, "Send an invitation instead."),
        (cem, "no confirmed email address"),
        (dan, "no confirmed email address"),
        (find(site, "ada"), "This account is disabled."),
    )
    for person, words in refusals:
        assert "Send a link to reset" not in mod.get(f"/admin/people/{person.sub}").text
        answer = act(mod, person, "reset_password")
        assert (answer.status_code, words in answer.text) == (400, True), person.username
    assert resets(site) == []


def test_a_limit_is_counted_before_the_transaction_and_only_for_what_may_be_done(
    site: Site, mod: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, server = confirmed(site, "ada"), site.app.server
    counted = []

    def hit_mail(*arguments: object) -> int:
        # A writer of this thread would wait for itself here.
        with server.database.write() as connection:
            counted.append(users.get(connection, ada.sub))
        return 0

    monkeypatch.setattr("authserver.http.limits.hit_mail", hit_mail)
    assert act(mod, ada, "reset_password").status_code == 303
    assert act(mod, ada, "reset_password", version=ada.version + 9).status_code == 409
    assert act(mod, find(site, "root"), "reset_password").status_code == 403
    assert len(counted) == 1


def test_no_mailbox_is_flooded_with_resets_by_an_administrator(site: Site, mod: Browser) -> None:
    ada = confirmed(site, "ada")
    assert [act(mod, ada, "reset_password").status_code for _ in range(4)] == [303, 303, 303, 429]
    own = site.browser()
    own.visit("/forgot")
    assert own.submit(username="ada").status_code == 429
    assert resets(site) == ["ada@example.com"] * 3
