"""The page of a client: why its requests were refused, what was meant, who came, and the settings of its side."""

from html import unescape

import pytest

from authserver.http.refusal import SAID_ELSEWHERE
from authserver.store import events as store
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import as_seen, find
from tests.accounts.site import Browser, Site

CALLBACK = "https://portal.example.com/callback"
ASK = f"/authorize?client_id=portal&response_type=code&redirect_uri={CALLBACK}"


def page_of(site: Site, root: Browser) -> str:
    site.app.server.recorder.flush()
    return unescape(root.get("/admin/clients/portal").text)


def refusals(site: Site) -> int:
    site.app.server.recorder.flush()
    with site.app.server.database.read() as connection:
        return len(store.newest(connection, store.EventFilter(name="client:request:refused"), 100))


@pytest.mark.parametrize(
    ("request_", "why", "meant"),
    [
        (
            "/authorize?client_id=portal&redirect_uri=https://portal.example.com/calback",
            "redirect_uri is not one that is registered for this client.",
            CALLBACK,
        ),
        (f"{ASK}&scope=openid&resource=https://report.example.com", "invalid_target", None),
        (f"{ASK}&scope=openid", "PKCE is required", None),
    ],
)
def test_a_refusal_says_why_and_what_was_probably_meant(
    site: Site, root: Browser, request_: str, why: str, meant: str | None
) -> None:
    signed_in(site, "ada").get(request_)
    page = page_of(site, root)
    assert "client:request:refused" in page
    assert why in page
    nearest = page.partition("<dt>nearest registered</dt><dd>")[2].partition("<")[0]
    assert nearest == (meant or "")


def test_it_says_where_in_clients_yaml_a_client_and_an_api_stand(site: Site, root: Browser) -> None:
    lines = site.app.server.settings.clients_file.read_text().splitlines()
    client = next(number for number, line in enumerate(lines, 1) if "client_id: portal" in line)
    api = next(number for number, line in enumerate(lines, 1) if line.strip().startswith("reports:"))
    assert f"clients.yaml, line {client}<" in page_of(site, root)
    assert f"clients.yaml, line {api}<" in root.get("/admin/clients").text


def test_a_refusal_at_the_token_endpoint_is_there_too(site: Site, root: Browser) -> None:
    form = {"grant_type": "authorization_code", "client_id": "portal", "code": "x", "redirect_uri": CALLBACK}
    answer = site.browser().post("/token", data=form | {"code_verifier": "v" * 43})
    assert answer.status_code == 400
    page = page_of(site, root)
    assert "<dd>/token</dd>" in page
    assert "invalid_grant" in page


def test_what_goes_well_or_is_a_strangers_is_no_refusal(site: Site) -> None:
    browser = site.browser()
    browser.get(f"{ASK}&scope=openid&prompt=none&code_challenge={'c' * 43}&code_challenge_method=S256")
    browser.get("/authorize?client_id=nobody&redirect_uri=https://evil.example")
    browser.post("/token", data={"grant_type": "authorization_code", "client_id": "nobody", "code": "x"})
    browser.get("/userinfo", headers={"Authorization": "Bearer x"})
    assert refusals(site) == 0
    assert "login_required" in SAID_ELSEWHERE


def test_a_flood_of_refusals_keeps_few_rows(site: Site) -> None:
    browser = site.browser()
    for _ in range(40):
        browser.get("/authorize?client_id=portal&redirect_uri=https://portal.example.com/x")
    assert refusals(site) == 30


def test_it_shows_who_got_tokens_and_when(site: Site, root: Browser) -> None:
    ada, now = find(site, "ada"), int(site.clock.now)
    said = {"name": "token:access_token:issued", "sub": ada.sub, "client_id": "portal", "detail": "{}"}
    with site.app.server.database.write() as connection:
        store.append(connection, [said | {"at": now - 86400 * day} for day in (0, 0, 1, 30)])
    page = page_of(site, root)
    assert "Access tokens: <strong>3</strong>" in page
    assert page.count(f'<li><a href="/admin/people/{ada.sub}">ada</a>') == 1
    auditor = signed_in(site, "aud").get("/admin/clients/portal")
    assert auditor.status_code == 403


def test_the_settings_are_there_to_be_copied(site: Site, root: Browser) -> None:
    page = page_of(site, root)
    assert page.count('data-copy="Copy"') == 3
    assert "OIDC_CLIENT_ID=portal" in page
    assert "OIDC_CLIENT_SECRET" not in page
    assert f'"redirect_uri": "{CALLBACK}"' in page


def test_a_role_shows_who_has_it_by_which_way_and_what_goes_without(site: Site, root: Browser) -> None:
    page = root.get("/admin/roles/user").text
    row = page.partition(">ada</a>")[2].partition("</tr>")[0]
    assert "was given by an administrator" in row
    assert "nothing: other roles give the same" in row
    moderators = root.get("/admin/roles/moderator").text.partition(">mod</a>")[2].partition("</tr>")[0]
    assert "write:users" in moderators
    assert "By the group staff" in page
    assert root.get("/admin/roles/nothing").status_code == 404


def test_a_key_that_signs_is_replaced_before_it_is_revoked(site: Site, root: Browser) -> None:
    def send(**fields: str) -> int:
        data = as_seen(root.get("/admin/keys").text) | fields
        return int(root.post("/admin/keys", data=data).status_code)

    (first,) = site.app.server.keys.stages(int(site.clock.now))
    assert send(kid=first.kid, sure="y") == 409
    assert send(alg="RS256", begins="soon") == 303
    assert send(alg="RS256", begins="at_once") == 403
    site.clock.now += 30
    site.app.server.keys.refresh(int(site.clock.now))
    assert send(kid=first.kid) == 400
    assert send(kid=first.kid, sure="y") == 303
    assert send(kid=first.kid, sure="y") == 303
    assert send(kid="nothing", sure="y") == 303
    states = {each.kid: each.state for each in site.app.server.keys.stages(int(site.clock.now))}
    assert states[first.kid] == "revoked"
    assert "active" in states.values()
    site.app.server.recorder.flush()
    assert root.get("/admin/events?name=server:key:revoked").text.count("<code>server:key:revoked</code>") == 1
