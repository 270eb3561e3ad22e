"""The example backend for a frontend in a real browser, against the real server and an API in Python."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from subprocess import DEVNULL, Popen
from time import time
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.applications import answer, issuing, opened, sign_in
from tests.examples.demonstration import ROOT
from tests.examples.served import await_health
from tests.patience import PATIENCE
from tests.ports import free_ports

SECRET = "s" * 43


@dataclass
class Place:
    url: str
    folder: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, ports = tmp_path_factory.mktemp("bff"), free_ports(3)
    with issuing(folder, ports, sha256(SECRET.encode()).hexdigest()) as issuer:
        variables = {
            "ISSUER": issuer,
            "PORTAL_PORT": str(ports[1]),
            "RESOURCE_PORT": str(ports[2]),
            "PORTAL_SECRET": SECRET,
            "PORTAL_COOKIE_KEY": "k" * 43,
            "PORTAL_DATABASE": str(folder / "portal.db"),
            "RESOURCE_DATABASE": str(folder / "resource_server.db"),
        }
        children = {
            port: Popen(
                [sys.executable, "-m", f"examples.{name}"],
                cwd=ROOT,
                env=os.environ | variables,
                stdout=DEVNULL,
                stderr=DEVNULL,
            )
            for port, name in ((ports[1], "backend_for_frontend"), (ports[2], "resource_server"))
        }
        try:
            for port, child in children.items():
                await_health(f"http://127.0.0.1:{port}/healthz", child)
            yield Place(f"http://localhost:{ports[1]}", folder)
        finally:
            for child in children.values():
                child.terminate()
                child.wait()


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(chromium: Browser, place: Place, complaints: list[str]) -> Iterator[Page]:
    with opened(chromium, complaints) as page:
        page.goto(place.url)
        yield page


def signed_in(page: Page, username: str = "ada") -> Page:
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, username)
    return page


def test_a_person_signs_in_and_the_apis_say_yes_or_no_by_role(page: Page, complaints: list[str]) -> None:
    signed_in(page)
    assert answer(page, "Read reports") == "200"
    # The page was served under a strict policy, and broke it nowhere.
    assert complaints == []
    assert answer(page, "Delete report") == "403"
    assert answer(page, "List users") == "403"


@pytest.mark.slow
def test_an_admin_may_more_at_both_apis(page: Page) -> None:
    signed_in(page, "grace")
    assert [answer(page, button) for button in ("Delete report", "List users")] == ["200", "200"]


@pytest.mark.slow
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_lasts_thirty_minutes(page: Page) -> None:
    signed_in(page)
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "session"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert 1800 - PATIENCE <= cookie["expires"] - time() <= 1800
    assert page.evaluate("document.cookie") == ""


@pytest.mark.slow
def test_no_token_reaches_the_browser(page: Page) -> None:
    seen: list[str] = []
    page.on("response", lambda response: seen.append(response.url))
    signed_in(page)
    answer(page, "Read reports")
    held = "".join(cookie.get("value", "") for cookie in page.context.cookies())
    held += page.content() + page.evaluate("fetch('session').then(answer => answer.text())")
    assert "eyJhbGciOiJSUzI1NiIs" not in held
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert not any(url.endswith("/token") for url in seen)


@pytest.mark.slow
def test_signing_out_ends_the_session_here_and_at_the_server(page: Page) -> None:
    signed_in(page)
    stolen = {cookie["name"]: cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "session"}
    url = page.url
    assert requests.get(f"{url}session", cookies=stolen, timeout=PATIENCE).json() is not None
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("Not signed in")
    # A copy of the cookie is of no use either.
    assert requests.get(f"{url}session", cookies=stolen, timeout=PATIENCE).json() is None
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def test_a_call_that_another_site_could_make_is_refused(page: Page, place: Place) -> None:
    signed_in(page)
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "session"}
    own = {"X-Portal": "1"}
    assert requests.get(f"{place.url}/api/reports", cookies=cookies, timeout=PATIENCE).status_code == 403
    assert requests.post(f"{place.url}/sign-out", cookies=cookies, timeout=PATIENCE).status_code == 403
    assert requests.get(f"{place.url}/api/reports", cookies=cookies, headers=own, timeout=PATIENCE).status_code == 200
    assert requests.get(f"{place.url}/api/reports", headers=own, timeout=PATIENCE).status_code == 401


@pytest.mark.slow
def test_nothing_leads_out_of_the_apis(page: Page, place: Place) -> None:
    signed_in(page, "alan")
    (cookie,) = [f"session={each['value']}" for each in page.context.cookies() if each["name"] == "session"]
    # By hand: browsers and libraries take such paths apart before they send them.
    for path in ("/api/else", "/api/reports/../users", "/api/reports/%2e%2e/users", "/api/reports/x/..%2f../users"):
        connection = HTTPConnection(urlsplit(place.url).netloc, timeout=PATIENCE)
        connection.request("GET", path, headers={"X-Portal": "1", "Cookie": cookie})
        assert connection.getresponse().status == 404
        connection.close()


@pytest.mark.slow
def test_an_answer_that_nobody_asked_for_signs_nobody_in(page: Page, place: Place) -> None:
    for query in ("", "?code=x&state=y", "?code=x&state=y&iss=https://evil.example", "?error=oops"):
        response = page.goto(f"{place.url}/callback{query}")
        assert response is not None
        assert response.status == 400
