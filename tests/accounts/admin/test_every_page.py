"""What holds on every page for administrators, those that are still to come among them."""

import json
import re

import pytest

from authserver.admin import PAGES
from authserver.clients.registration.metadata import accepted
from authserver.keys.readers import Seen
from authserver.store import events as store
from authserver.store import users
from authserver.store.registration import clients
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import PLACES, SAMPLES, at, find
from tests.accounts.site import Browser, Site

MARK = '"><script>alert(1)</script><i>'


@pytest.fixture
def hostile(site: Site) -> Site:
    """Markup in every field that a person, a client, or a program controls."""
    server, now = site.app.server, int(site.clock.now)
    ada = find(site, "ada")
    visitor = site.browser()
    visitor.environ_base["HTTP_USER_AGENT"] = MARK
    visitor.sign_in("ada")
    said: dict[str, object] = {
        "client_name": MARK,
        "redirect_uris": ["https://a.example/cb"],
        "contacts": [MARK],
        "software_id": MARK,
    }
    said |= {"scope": "openid", "token_endpoint_auth_method": "none"}
    metadata = accepted(said, ("openid",), server.registry)
    with server.database.write() as connection:
        clients.add(connection, "dcr.x", metadata, secret_digest=None, token="x", allowed=(MARK,), now=now)
        detail = json.dumps({"reason": MARK, "detail": f"received '{MARK}', registered []", "browser": MARK})
        names = ("client:request:refused", "mail:message:abandoned", "token:access_token:issued")
        rows = [{"at": now, "name": name, "sub": ada.sub, "client_id": "portal", "detail": detail} for name in names]
        store.append(connection, [*rows, {"at": now, "name": "user:login:failed", "client_id": MARK, "detail": detail}])
        users.set_roles(connection, ada.sub, ["user", MARK[:64]], 2)
    seen = Seen("x", "192.0.2.1", "", MARK, f"rs={MARK}")
    server.keys.readers.note(seen, "192.0.2.1", "192.0.2.1", now)
    server.keys.readers.flush(now)
    server.warnings["test"] = MARK
    return site


@pytest.mark.parametrize("place", PLACES)
def test_nothing_that_others_wrote_is_markup(hostile: Site, place: str) -> None:
    root = signed_in(hostile, "root")
    for path in {at(hostile, place), at(hostile, place).replace("portal", "dcr.x")}:
        page = root.get(path)
        assert page.status_code == 200, path
        if page.mimetype == "text/html":
            assert "<script>alert" not in page.text, path
            assert "<i>" not in page.text, path


@pytest.mark.parametrize("place", PLACES)
def test_every_page_refuses_frames_and_every_form_has_its_token(site: Site, root: Browser, place: str) -> None:
    page = root.get(at(site, place))
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "no-store" in page.headers["Cache-Control"]
    for form in re.findall(r'<form method="post".*?</form>', page.text, re.DOTALL):
        assert 'name="csrf_token"' in form


@pytest.mark.parametrize("rule", [rule for rule, _view, methods in PAGES if "POST" in methods])
def test_what_another_site_sends_or_a_guest_is_refused_without_a_hint(site: Site, root: Browser, rule: str) -> None:
    for name, value in SAMPLES.items():
        rule = rule.replace(name, value)
    path = at(site, rule)
    assert root.post(path, data={"act": "x", "kid": "x"}).status_code in {400, 403}
    headers = {"Origin": "https://evil.example"}
    assert root.post(path, data={"act": "x"}, headers=headers).status_code == 403
    guest = signed_in(site, "ada")
    token = guest.get("/account/profile").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = guest.post(path, data={"csrf_token": token, "act": "make", "kid": "x", "people": "username\nx"})
    assert answer.status_code == 403
    assert "Your account doesn’t have the rights for it." in answer.text
