"""A person's picture: uploaded, made anew, shown to applications, replaced, and taken away."""

import json
from base64 import b64decode
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from authserver import people
from authserver.account.picture import MOST_BYTES
from authserver.store import users
from authserver.store.tables import pictures
from tests.accounts.area.steps import find, told
from tests.accounts.site import COOKIE, ISSUER, Browser, Site
from tests.pictures import SVG, bomb, photograph, picture


def upload(browser: Browser, content: bytes, name: str = "ada.png", kind: str = "image/png") -> TestResponse:
    browser.visit("/account/picture")
    return send(browser, content, {"csrf_token": browser.csrf}, name, kind)


def send(
    browser: Browser,
    content: bytes,
    fields: dict[str, str],
    name: str = "ada.png",
    kind: str = "image/png",
    headers: dict[str, str] | None = None,
) -> TestResponse:
    parts = [f'--x\r\nContent-Disposition: form-data; name="{each}"\r\n\r\n{fields[each]}\r\n' for each in fields]
    file = f'--x\r\nContent-Disposition: form-data; name="picture"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    body = "".join([*parts, file]).encode() + content + b"\r\n--x--\r\n"
    form = "multipart/form-data; boundary=x"
    return browser.post("/account/picture", data=body, content_type=form, headers=headers)


def address(site: Site, login: str = "ada") -> str:
    person = find(site, login)
    assert person is not None
    return str(person.profile["picture"])


def fetch(site: Site, url: str, **headers: str) -> TestResponse:
    """As an application's page does: from elsewhere, without a session."""
    return site.browser().get(url.removeprefix(ISSUER), headers=headers)


def kept(site: Site) -> int:
    with site.app.server.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(pictures)).scalar_one())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_uploaded_picture_is_made_anew_and_shown_to_whoever_has_its_address(
    site: Site, browser: Browser, kind: str
) -> None:
    given = picture(kind, (400, 300))
    assert upload(browser, given).headers["Location"] == f"{ISSUER}/account/picture?done=saved"
    url = address(site)
    assert url.startswith(f"{ISSUER}/picture/")
    assert len(url.rpartition("/")[2]) == 22
    for place in ("/account", "/account/profile", "/account/picture"):
        assert f'src="{url.removeprefix(ISSUER)}" alt=""' in browser.visit(place).text
    answer = fetch(site, url, Origin="https://portal.example.com")
    made = Image.open(BytesIO(answer.data))
    assert (answer.status_code, answer.mimetype, made.format, made.size) == (200, "image/jpeg", "JPEG", (256, 256))
    assert answer.data != given
    headers = answer.headers
    assert headers["ETag"] == f'"{sha256(answer.data).hexdigest()}"'
    assert headers["Cache-Control"] == "public, max-age=3600"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].endswith("; sandbox")
    assert "Set-Cookie" not in headers
    assert "Cookie" not in headers.get("Vary", "")
    same = fetch(site, url, **{"If-None-Match": headers["ETag"]})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", headers["ETag"])
    assert told(site).count("user:profile:changed") == 1


def test_nothing_but_pixels_is_left_of_a_photograph_and_of_what_hides_behind_it(site: Site, browser: Browser) -> None:
    upload(browser, photograph() + b"<script>alert(1)</script>", "<script>.html", "text/html")
    content = fetch(site, address(site)).data
    assert not [each for each in (b"Camera", b"Ada", b"Exif", b"script") if each in content]


def test_a_new_picture_has_a_new_address_and_the_old_one_is_gone(site: Site, browser: Browser) -> None:
    upload(browser, picture())
    before = address(site)
    upload(browser, picture())
    assert address(site) != before
    assert (fetch(site, before).status_code, fetch(site, address(site)).status_code, kept(site)) == (404, 200, 1)


def test_a_picture_is_taken_away_and_so_is_one_from_elsewhere(site: Site, browser: Browser) -> None:
    upload(browser, picture())
    url = address(site)
    browser.visit("/account/picture")
    assert browser.submit(act="remove").headers["Location"] == f"{ISSUER}/account/picture?done=removed"
    assert "Your picture has been removed." in browser.visit("/account/picture?done=removed").text
    assert (fetch(site, url).status_code, kept(site), address(site)) == (404, 0, "None")
    set_url(site, "https://img.example.org/ada.png")
    page = browser.visit("/account/picture").text
    assert "https://img.example.org/ada.png" in page
    assert 'src="https://img' not in page
    browser.submit(act="remove")
    assert address(site) == "None"


def set_url(site: Site, url: str | None) -> None:
    person = find(site)
    assert person is not None
    with site.app.server.database.write() as connection:
        change = people.change_of(site.app.server, connection, people.administrator("root", "test"))
        people.change_profile(change, person, {"picture": url})


def test_an_administrator_who_sets_another_picture_or_none_removes_what_was_uploaded(
    site: Site, browser: Browser
) -> None:
    for url in ("https://img.example.org/ada.png", None):
        upload(browser, picture())
        before = address(site)
        set_url(site, url)
        assert (fetch(site, before).status_code, kept(site)) == (404, 0)


def test_the_rest_of_the_profile_is_saved_without_the_picture(site: Site, browser: Browser) -> None:
    upload(browser, picture())
    url = address(site)
    browser.visit("/account/profile")
    browser.submit(name="Ada King", picture="https://evil.example/x.png")
    assert address(site) == url
    assert fetch(site, url).status_code == 200


def test_who_is_disabled_or_deleted_is_shown_no_more(site: Site, browser: Browser) -> None:
    upload(browser, picture())
    url, person = address(site), find(site)
    assert person is not None
    with site.app.server.database.write() as connection:
        users.disable(connection, person.sub, 1)
    assert fetch(site, url).status_code == 404
    with site.app.server.database.write() as connection:
        users.enable(connection, person.sub, 1)
    assert fetch(site, url).status_code == 200
    with site.app.server.database.write() as connection:
        users.remove(connection, person.sub, 1)
    assert (fetch(site, url).status_code, kept(site)) == (404, 0)


def test_a_picture_of_who_was_deleted_meanwhile_is_not_said_to_be_saved(
    site: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = find(site)
    assert ada is not None

    def portrait(_content: bytes) -> bytes:
        with site.app.server.database.write() as connection:
            users.remove(connection, ada.sub, 1)
        return b"a picture"

    monkeypatch.setattr("authserver.pictures.portrait", portrait)
    answer = upload(browser, picture())
    assert (answer.status_code, "no longer exists" in answer.text) == (404, True)
    assert kept(site) == 0


def test_the_file_of_a_person_has_their_picture(site: Site, browser: Browser) -> None:
    upload(browser, picture())
    browser.visit("/account/export")
    data = json.loads(browser.submit().text)
    assert data["picture"]["type"] == "image/jpeg"
    assert b64decode(data["picture"]["base64"]) == fetch(site, address(site)).data


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Choose a file first."),
        (SVG, "isn’t a JPEG, PNG, or WebP"),
        (b"GIF89a\x01\x00\x01\x00\x80\x00\x00", "isn’t a JPEG, PNG, or WebP"),
        (b"<html><script>alert(1)</script>", "isn’t a JPEG, PNG, or WebP"),
        (picture()[:200], "isn’t a JPEG, PNG, or WebP"),
        (bomb(8_000, 8_000), "more than 24 million pixels"),
        (bomb(), "isn’t a JPEG, PNG, or WebP|more than 24 million pixels"),
    ],
)
def test_what_is_no_picture_is_refused_and_the_old_one_stays(
    site: Site, browser: Browser, content: bytes, reason: str
) -> None:
    upload(browser, picture())
    before = address(site)
    answer = upload(browser, content)
    assert answer.status_code == 400
    assert any(each in answer.text for each in reason.split("|"))
    assert 'aria-invalid="true"' in answer.text
    assert address(site) == before


def test_a_picture_that_moves_is_refused(site: Site, browser: Browser) -> None:
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "blue")]
    for kind in ("PNG", "WEBP"):
        stream = BytesIO()
        frames[0].save(stream, kind, save_all=True, append_images=frames[1:])
        assert "is animated" in upload(browser, stream.getvalue()).text
    assert address(site) == "None"


def test_a_file_past_five_megabytes_is_not_taken(site: Site, browser: Browser) -> None:
    assert upload(browser, picture() + bytes(MOST_BYTES - 10_000)).status_code == 303
    before = address(site)
    answer = upload(browser, picture() + bytes(MOST_BYTES))
    assert answer.status_code == 413
    assert "This file is too large" in answer.text
    assert address(site) == before


def test_a_file_with_line_breaks_in_it_is_taken_like_any_other(site: Site, browser: Browser) -> None:
    # The reader of forms holds one back that may begin a boundary, and counts it against what a field may have.
    assert upload(browser, picture() + b"\n" * 600_000).status_code == 303


@pytest.mark.parametrize("cookie", [None, "made-up"])
def test_no_file_is_taken_from_who_is_not_signed_in(site: Site, cookie: str | None) -> None:
    browser = site.browser()
    browser.visit("/sign-in")
    if cookie:
        browser.set_cookie(COOKIE, cookie)
    answer = send(browser, picture(), {"csrf_token": browser.csrf})
    assert (answer.status_code, answer.headers.get("Location")) == (303, f"{ISSUER}/sign-in?to=picture")
    assert kept(site) == 0


def test_a_large_body_is_not_taken_without_the_cookie_of_a_session(site: Site) -> None:
    stranger = site.browser()
    stranger.visit("/sign-in")
    assert send(stranger, bytes(100_000), {"csrf_token": stranger.csrf}).status_code == 413


def test_a_form_of_another_site_uploads_nothing(site: Site, browser: Browser) -> None:
    browser.visit("/account/picture")
    for token in ({}, {"csrf_token": "made up"}):
        assert send(browser, picture(), token).status_code == 400
    own = {"csrf_token": browser.csrf}
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert send(browser, picture(), own, headers=header).status_code == 403
    assert kept(site) == 0


def test_files_are_taken_on_no_other_page(browser: Browser) -> None:
    browser.visit("/account/profile")
    data = {"csrf_token": browser.csrf, "name": "X"}
    assert browser.post("/account/profile", data=data, content_type="multipart/form-data").status_code == 415


def test_only_so_many_are_taken_in_an_hour(site: Site, browser: Browser) -> None:
    for _ in range(20):
        assert upload(browser, b"x").status_code == 400
    answer = upload(browser, picture())
    assert (answer.status_code, answer.headers["Retry-After"].isdigit()) == (429, True)
    assert kept(site) == 0


@pytest.mark.parametrize("handle", ["", "x", "..%2f..%2fetc%2fpasswd", "%00", "a" * 5000, "a/b", "%", "_" * 22])
def test_no_other_address_shows_anything(site: Site, browser: Browser, handle: str) -> None:
    upload(browser, picture())
    assert site.browser().get(f"/picture/{handle}").status_code == 404
