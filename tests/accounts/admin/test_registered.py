"""Clients that registered themselves, and the tokens that let them, on the pages for administrators."""

import json
from typing import Any

import pytest

from authserver.store.registration import clients, tokens
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import token_on
from tests.accounts.site import Browser, Site

PATH = "/admin/registered"
NAME = "An <script>app</script>"


def register(site: Site, token: str, **changes: Any) -> dict[str, Any]:
    said = {"client_name": NAME, "redirect_uris": ["https://app.example.org/callback"]} | changes
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    answer = site.browser().post("/register", data=json.dumps(said), headers=headers)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def send(browser: Browser, **fields: str) -> Any:
    return browser.post(PATH, data={"csrf_token": token_on(browser.get("/account/profile").text)} | fields)


def made(browser: Browser, **fields: str) -> str:
    page = send(browser, act="make", **{"uses": "2", "days": "3", "scope": "openid"} | fields).text
    token = page.partition('aria-label="Initial access token">')[2].partition("<")[0]
    assert len(token) == 43
    return str(token)


def told(site: Site, root: Browser) -> str:
    site.app.server.recorder.flush()
    return root.get("/admin/events?name=client:registration:").text


def test_a_token_is_made_shown_once_and_lets_clients_register(site: Site, root: Browser) -> None:
    token = made(root)
    page = root.get(PATH).text
    assert token not in page
    assert "for 2 more" in page
    register(site, token)
    assert "for 1 more" in root.get(PATH).text
    events = told(site, root)
    assert "client:registration:token_issued" in events
    assert token not in events


def test_a_token_is_taken_back(site: Site, root: Browser) -> None:
    made(root)
    with site.app.server.database.read() as connection:
        (kept,) = tokens.everything(connection)
    assert send(root, act="take_back", id=kept.id).headers["Location"].endswith("?done=taken_back")
    assert "There is none." in root.get(PATH).text
    assert "client:registration:token_revoked" in told(site, root)
    assert send(root, act="take_back", id=kept.id).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"uses": "0"}, {"uses": "100001"}, {"uses": "²"}, {"days": "366"}, {"days": ""}, {"scope": "a\nb"}]
)
def test_a_token_of_no_measure_is_not_made(site: Site, root: Browser, wrong: dict[str, str]) -> None:
    answer = send(root, act="make", **{"uses": "1", "days": "1", "scope": ""} | wrong)
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    with site.app.server.database.read() as connection:
        assert tokens.everything(connection) == []


def test_what_a_client_says_of_itself_is_text_and_it_is_removed_with_its_tokens(site: Site, root: Browser) -> None:
    registered = register(site, made(root), client_uri="https://app.example.org/?x=1")
    client_id = registered["client_id"]
    pages = [root.get(path).text for path in (PATH, f"/admin/clients/{client_id}", "/admin/clients")]
    for page in pages:
        assert "<script>app" not in page
    assert "An &lt;script&gt;app&lt;/script&gt;" in pages[0]
    assert "&#34;client_uri&#34;" in pages[1]
    assert registered["registration_access_token"] not in pages[1]
    assert "Check the box" in send(root, act="remove", client_id=client_id).text
    assert send(root, act="remove", client_id=client_id, sure="y").headers["Location"].endswith("?done=removed")
    with site.app.server.database.read() as connection:
        assert clients.count(connection) == 0
    assert root.get(f"/admin/clients/{client_id}").status_code == 404
    assert send(root, act="remove", client_id=client_id, sure="y").status_code == 404
    assert send(root, act="remove", client_id="portal", sure="y").status_code == 404
    assert "client:registration:deleted" in told(site, root)


def test_many_come_by_page(site: Site, root: Browser) -> None:
    register(site, made(root))
    with site.app.server.database.write() as connection:
        (kept,) = clients.page(connection, "", 1)
        for number in range(50):
            key = f"{kept.client_id[:4]}{number:02}"
            clients.add(connection, key, kept.metadata, secret_digest=None, token=key, allowed=(), now=1)
    first = root.get(PATH).text
    assert first.count('<td role="cell"><a href="/admin/clients/') == 50
    following = first.partition(f'href="{PATH}?after=')[2].partition('"')[0]
    assert root.get(f"{PATH}?after={following}").text.count('<td role="cell"><a href="/admin/clients/') == 1


def test_who_may_not_change_clients_cannot(site: Site, root: Browser) -> None:
    moderator = signed_in(site, "mod")
    for act in ("make", "take_back", "remove", "", "nothing"):
        assert send(moderator, act=act, uses="1", days="1").status_code == 403
    assert send(root, act="nothing").status_code == 403


def test_a_sign_in_of_long_ago_makes_no_token(site: Site, root: Browser) -> None:
    site.clock.now += site.app.server.settings.fresh_authentication + 1
    assert "sign in again first" in root.get(PATH).text
    answer = send(root, act="make", uses="1", days="1", scope="")
    assert answer.headers["Location"].endswith("/sign-in?to=admin_registered")


def test_a_client_is_disabled_which_its_page_and_the_explanation_say_and_enabled(site: Site, root: Browser) -> None:
    client_id = register(site, made(root))["client_id"]
    page = f"/admin/clients/{client_id}"
    assert "Disable the client" in root.get(page).text
    assert send(root, act="disable", client_id=client_id).headers["Location"].endswith("?done=disabled")
    # A second click finds what it wants.
    assert send(root, act="disable", client_id=client_id).headers["Location"].endswith("?done=disabled")
    assert ">disabled</span>" in root.get(PATH).text
    shown = root.get(page).text
    assert "An administrator disabled this client" in shown
    assert "Try a sign-in" not in shown
    assert "Enable the client" in shown
    assert root.get(f"/admin/try/{client_id}").status_code == 404
    explained = root.get(f"/admin/explanation?login=root&client_id={client_id}").text
    assert f"{client_id} is disabled by an administrator" in explained
    assert send(root, act="enable", client_id=client_id).headers["Location"].endswith("?done=enabled")
    assert send(root, act="enable", client_id=client_id).headers["Location"].endswith("?done=enabled")
    assert "An administrator disabled" not in root.get(page).text
    events = told(site, root)
    for name in ("client:registration:disabled", "client:registration:enabled"):
        assert events.count(f'<td role="cell"><code>{name}</code></td>') == 1
    assert send(root, act="disable", client_id="dcr.none").status_code == 404


def test_who_may_not_change_clients_disables_none(site: Site, root: Browser) -> None:
    client_id = register(site, made(root))["client_id"]
    moderator = signed_in(site, "mod")
    for act in ("disable", "enable"):
        assert send(moderator, act=act, client_id=client_id).status_code == 403
    with site.app.server.database.read() as connection:
        (kept,) = clients.page(connection, "", 1)
    assert kept.disabled_at is None
