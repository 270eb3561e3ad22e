"""A client's logo: declared in clients.yaml, made anew, served from here, and shown wherever the client is named."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from authserver.clients import load
from authserver.clients.file.faults import ClientsFileError
from tests.clients.files import faults_of, load_text, with_client
from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty
from tests.pictures import SVG, bomb, photograph, picture

OLD = "    post_logout_redirect_uris: [https://portal.example.com/,"
WEB = "type: spa, redirect_uris: [https://o.example.com/cb]"
ADDRESS = re.compile(r'<img class="mark" src="(/logo/[0-9a-f]{24}/portal)" alt=""')


def show_logo(provider: Provider, folder: Path, content: bytes) -> None:
    (folder / "portal.png").write_bytes(content)
    provider.amend(OLD, f"    logo: {folder / 'portal.png'}\n{OLD}")


def test_it_is_shown_on_sign_in_consent_and_among_applications(
    provider: Provider, browser: Browser, portal: RelyingParty, tmp_path: Path
) -> None:
    show_logo(provider, tmp_path, picture(size=(800, 600)))
    page = browser.open(portal.ask().url)
    addresses = [ADDRESS.findall(page.text)]
    page = browser.sign_in(page, "ada")
    assert page.heading == "Allow Team portal?"
    addresses.append(ADDRESS.findall(page.text))
    browser.allow(page)
    addresses.append(ADDRESS.findall(browser.open("/account/applications").text))
    assert addresses == [addresses[0]] * 3
    assert len(addresses[0]) == 1

    answer = provider.call("GET", addresses[0][0])
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert Image.open(BytesIO(answer.data)).size == (192, 144)
    headers = answer.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Content-Security-Policy"].endswith("; sandbox")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in headers


def test_another_logo_has_another_address_and_the_old_one_is_gone(
    provider: Provider, browser: Browser, portal: RelyingParty, tmp_path: Path
) -> None:
    show_logo(provider, tmp_path, picture())
    (before,) = ADDRESS.findall(browser.open(portal.ask().url).text)
    (tmp_path / "portal.png").write_bytes(picture("WEBP", (50, 50)))
    assert provider.declare(provider.clients_file.read_text())
    (after,) = ADDRESS.findall(browser.open(portal.ask().url).text)
    assert before != after
    assert provider.call("GET", before).status_code == 404
    assert provider.call("GET", after).status_code == 200
    for address in (after.replace("/portal", "/intranet"), after.replace("/portal", "/nobody"), after + "/", "/logo/x"):
        assert provider.call("GET", address).status_code == 404


def test_nothing_that_the_file_says_beside_its_pixels_gets_out(
    provider: Provider, browser: Browser, portal: RelyingParty, tmp_path: Path
) -> None:
    show_logo(provider, tmp_path, photograph() + b"<script>alert(1)</script>")
    (address,) = ADDRESS.findall(browser.open(portal.ask().url).text)
    content = provider.call("GET", address).data
    assert not {b"Camera", b"Ada", b"script"} & {each for each in (b"Camera", b"Ada", b"script") if each in content}


def test_without_one_a_letter_stands_for_the_client(browser: Browser, portal: RelyingParty) -> None:
    page = browser.open(portal.ask().url)
    assert not ADDRESS.findall(page.text)
    assert page.page.element("span", **{"class": "mark"})["data-letter"] == "T"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (SVG, "the file is neither PNG, JPEG, nor WebP"),
        (b"", "the file is neither PNG, JPEG, nor WebP"),
        (bomb(), "more than 24 million pixels"),
        (picture() + bytes(512 * 1024), "the file is larger than 512 KiB"),
        (None, "the file cannot be read (No such file or directory)"),
    ],
)
def test_what_cannot_be_shown_is_a_fault_of_the_file(tmp_path: Path, content: bytes | None, fault: str) -> None:
    if content is not None:
        (tmp_path / "o.png").write_bytes(content)
    (found,) = faults_of(tmp_path, with_client(f"{WEB}, logo: o.png"))
    assert found.startswith("clients.yaml:")
    assert "logo: " in found
    assert fault in found


def test_a_folder_or_a_service_has_none(tmp_path: Path) -> None:
    assert "not a regular file" in faults_of(tmp_path, with_client(f"{WEB}, logo: ."))[0]
    (tmp_path / "o.png").write_bytes(picture())
    entry = with_client("type: service, secrets: [{env: PORTAL_SECRET}], logo: o.png")
    assert "nobody signs in to a service client" in faults_of(tmp_path, entry)[0]


def test_of_a_text_from_elsewhere_no_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "o.svg").write_bytes(SVG)
    text = with_client(f"{WEB}, logo: {tmp_path / 'o.svg'}").encode()
    loaded = load.load_text(text, "sent", issuer="https://login.example.com", token_size=4096)
    assert loaded.registry.clients["other"].logo is None
    assert loaded.files == ()


def test_it_is_watched_and_part_of_the_version(tmp_path: Path) -> None:
    text = with_client(f"{WEB}, logo: o.png")
    versions = set()
    for size in ((40, 40), (50, 50)):
        (tmp_path / "o.png").write_bytes(picture(size=size))
        loaded = load_text(tmp_path, text)
        versions.add(loaded.registry.version)
        assert tmp_path / "o.png" in loaded.files
    assert len(versions) == 2
    (tmp_path / "o.png").unlink()
    with pytest.raises(ClientsFileError):
        load_text(tmp_path, text)
