"""Somebody who may do everything is always left: no page takes the last one away."""

from threading import Barrier, Thread

import pytest

from authserver.clients.live import LiveRegistry
from authserver.store import directory, users
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import act, find, token_on, told
from tests.accounts.site import Browser, Site

SENTENCE = "Nobody else has full access here."


def promote(site: Site, username: str) -> None:
    with site.app.server.database.write() as connection:
        users.set_roles(connection, find(site, username).sub, ["admin"], 2)


def declare(site: Site, old: str, new: str) -> None:
    """Change one text in clients.yaml and have it read."""
    server = site.app.server
    text = server.settings.clients_file.read_text()
    assert old in text
    server.settings.clients_file.write_text(text.replace(old, new))
    registry = server._registry
    assert isinstance(registry, LiveRegistry)
    assert registry.reload()


def may_do_everything(site: Site) -> list[str]:
    return [name for name in ("root", "mod", "aud", "ada") if "admin" in find(site, name).roles]


def test_the_last_administrator_does_not_lose_the_role(site: Site, root: Browser) -> None:
    own = find(site, "root")
    refused = act(root, own, "roles", role=["user"])
    assert (refused.status_code, SENTENCE in refused.text) == (409, True)
    assert find(site, "root").roles == ("admin",)
    assert "user:roles:changed" not in dict(told(site))
    # Other roles beside it come and go.
    assert act(root, own, "roles", role=["admin", "user"]).status_code == 303


def test_another_who_is_disabled_or_has_it_by_a_provider_does_not_count(site: Site, root: Browser) -> None:
    promote(site, "aud")
    with site.app.server.database.write() as connection:
        users.disable(connection, find(site, "aud").sub, 2)
    assert act(root, find(site, "root"), "roles", role=["user"]).status_code == 409
    with site.app.server.database.write() as connection:
        users.enable(connection, find(site, "aud").sub, 2)
    assert act(root, find(site, "root"), "roles", role=["user"]).status_code == 303
    assert may_do_everything(site) == ["aud"]


def test_who_has_it_by_a_group_counts_and_keeps_the_group(site: Site, root: Browser) -> None:
    declare(site, "staff: [user]", "staff: [admin]")
    with site.app.server.database.write() as connection:
        directory.set_groups(connection, find(site, "ada").sub, ["staff"], 2)
    assert act(root, find(site, "root"), "roles", role=["user"]).status_code == 303
    chief = signed_in(site, "ada")
    refused = act(chief, find(site, "ada"), "groups", group=[])
    assert (refused.status_code, SENTENCE in refused.text) == (409, True)


@pytest.mark.parametrize("name", ["disable", "delete", "roles"])
def test_who_may_give_the_role_and_has_it_not_takes_it_from_nobody_who_is_the_last(site: Site, name: str) -> None:
    declare(
        site, "[read:users, write:users], may_give: [", "[read:users, write:users, delete:users], may_give: [admin, "
    )
    mod = signed_in(site, "mod")
    refused = act(mod, find(site, "root"), name, sure="y", role=["user"])
    assert (refused.status_code, SENTENCE in refused.text) == (409, True)
    assert may_do_everything(site) == ["root"]
    promote(site, "ada")
    assert act(mod, find(site, "root"), name, sure="y", role=["user"]).status_code == 303


def test_the_last_one_does_not_delete_their_own_account(site: Site, root: Browser) -> None:
    root.visit("/account/delete")
    refused = root.submit(sure="y")
    assert (refused.status_code, SENTENCE.replace(".", ",") in refused.text) == (409, True)
    promote(site, "ada")
    root.visit("/account/delete")
    assert root.submit(sure="y").status_code == 200
    assert may_do_everything_but_root(site) == ["ada"]


def may_do_everything_but_root(site: Site) -> list[str]:
    return [name for name in ("mod", "aud", "ada") if "admin" in find(site, name).roles]


def test_of_two_who_take_it_from_each_other_at_once_one_keeps_it(site: Site) -> None:
    promote(site, "mod")
    pairs = [(signed_in(site, by), find(site, of)) for by, of in (("root", "mod"), ("mod", "root"))]
    sent = [
        {"csrf_token": token_on(browser.get("/account/profile").text), "act": "roles", "role": "user"}
        | {"version": str(of.version)}
        for browser, of in pairs
    ]
    barrier, answers = Barrier(2), list[int]()

    def send(browser: Browser, sub: str, data: dict[str, str]) -> None:
        barrier.wait()
        answers.append(browser.post(f"/admin/people/{sub}", data=data).status_code)

    threads = [Thread(target=send, args=(by, of.sub, data)) for (by, of), data in zip(pairs, sent, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers.count(303) == 1
    assert len(may_do_everything(site)) == 1
