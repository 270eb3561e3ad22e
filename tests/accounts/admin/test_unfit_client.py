"""A client that registered itself, and that a changed clients.yaml no longer takes, on the pages for administrators."""

import pytest

from authserver.clients.live import LiveRegistry
from authserver.store.registration import clients
from tests.accounts.admin.conftest import CLIENTS, signed_in
from tests.accounts.admin.test_registered import PATH, made, register, send, told
from tests.accounts.site import Browser, Site

REASON = "Every client here follows FAPI 2.0: an administrator declares it."
STRICT = "profile: fapi2\n" + CLIENTS.partition("clients:\n")[0] + "clients: []\n"


def declare(site: Site, text: str) -> None:
    server = site.app.server
    server.settings.clients_file.write_text(text)
    registry = server._registry
    assert isinstance(registry, LiveRegistry)
    assert registry.reload()


@pytest.fixture
def page(site: Site, root: Browser) -> str:
    """The page of a client that no longer fits."""
    client_id = register(site, made(root))["client_id"]
    declare(site, STRICT)
    return f"/admin/clients/{client_id}"


def test_its_page_says_why_and_what_to_do_and_the_list_marks_it(site: Site, root: Browser, page: str) -> None:
    shown = root.get(page)
    assert shown.status_code == 200
    for words in (
        REASON,
        "This client is refused everywhere",
        "What you can do",
        "An &lt;script&gt;app&lt;/script&gt;",
    ):
        assert words in shown.text
    for button in ("Disable the client", "Remove the client"):
        assert button in shown.text
    assert "<script>app" not in shown.text
    assert ">no longer fits</span>" in root.get(PATH).text
    declare(site, CLIENTS)
    assert REASON not in root.get(page).text
    assert "no longer fits" not in root.get(PATH).text


def test_it_is_disabled_enabled_and_removed_like_any_other(site: Site, root: Browser, page: str) -> None:
    client_id = page.rpartition("/")[2]
    assert send(root, act="disable", client_id=client_id).headers["Location"].endswith("?done=disabled")
    assert "Enable the client" in root.get(page).text
    assert send(root, act="enable", client_id=client_id).headers["Location"].endswith("?done=enabled")
    assert "Check the box" in send(root, act="remove", client_id=client_id).text
    assert send(root, act="remove", client_id=client_id, sure="y").headers["Location"].endswith("?done=removed")
    with site.app.server.database.read() as connection:
        assert clients.count(connection) == 0
    assert root.get(page).status_code == 404
    assert "client:registration:deleted" in told(site, root)


def test_who_may_not_change_clients_sees_no_buttons(site: Site, root: Browser, page: str) -> None:
    assert signed_in(site, "mod").get(page).status_code == 403
    site.clock.now += site.app.server.settings.fresh_authentication + 1
    stale = root.get(page).text
    assert ("sign in again first" in stale, "Remove the client" in stale) == (True, False)


@pytest.mark.parametrize("client_id", ["dcr.none", "dcr.%00", "dcr.%1b", "none"])
def test_what_is_not_there_has_no_page(site: Site, root: Browser, client_id: str) -> None:
    declare(site, STRICT)
    assert root.get(f"/admin/clients/{client_id}").status_code == 404


def test_a_client_that_lost_a_scope_works_on_and_says_so(site: Site, root: Browser) -> None:
    client_id = register(site, made(root, scope="openid read:reports"), scope="openid read:reports")["client_id"]
    declare(
        site,
        CLIENTS.replace("permissions: {read:reports:", "permissions: {see:reports:").replace(
            "user: [read:reports]", "user: [see:reports]"
        ),
    )
    shown = root.get(f"/admin/clients/{client_id}").text
    assert (
        "It no longer gets these scopes, which it registered for and clients.yaml no longer declares: read:reports."
        in shown
    )
    assert "Try a sign-in" in shown
    assert ">lost scopes</span>" in root.get(PATH).text
