"""The example single-page application in a real browser, against the real server and the API in Node."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.applications import answer, issuing, opened, sign_in
from tests.examples.node import EXAMPLES, running
from tests.npm import installed
from tests.ports import free_ports


@dataclass
class Place:
    issuer: str
    url: str


@dataclass
class Tab:
    """A page, what the browser complained of, and the requests that were made to the token endpoint."""

    page: Page
    complaints: list[str]
    token_requests: list[Request] = field(default_factory=list)

    def tokens(self) -> list[dict[str, str]]:
        return [request.response().json() for request in self.token_requests]  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Place]:
    api_folder = installed(EXAMPLES / "resource_server_node", request.config)
    folder = installed(EXAMPLES / "single_page_application", request.config)
    ports = free_ports(3)
    own, audience = f"http://localhost:{ports[1]}", f"http://localhost:{ports[2]}/reports"
    with (
        issuing(tmp_path_factory.mktemp("spa"), ports) as issuer,
        running(api_folder, "server.js", ports[2], ISSUER=issuer, AUDIENCE=audience, ORIGIN=own) as api,
        running(folder, "serve.js", ports[1], ISSUER=issuer, API=api) as url,
    ):
        yield Place(issuer, url)


@pytest.fixture
def tab(chromium: Browser, place: Place) -> Iterator[Tab]:
    complaints: list[str] = []
    with opened(chromium, complaints) as page:
        tab = Tab(page, complaints)
        page.on("request", lambda request: keep(tab, request, place))
        page.goto(place.url)
        yield tab


def keep(tab: Tab, request: Request, place: Place) -> None:
    if request.url == f"{place.issuer}/token" and request.method == "POST":
        tab.token_requests.append(request)


def signed_in(tab: Tab, username: str = "ada") -> Page:
    tab.page.get_by_role("button", name="Sign in", exact=True).click()
    sign_in(tab.page, username)
    return tab.page


def test_a_person_signs_in_and_the_api_says_yes_or_no_by_role(tab: Tab) -> None:
    page = signed_in(tab)
    assert answer(page, "Read reports") == "200"
    # The page was served under a strict policy, and broke it nowhere.
    assert tab.complaints == []
    assert answer(page, "Delete report") == "403"
    assert all("403" in complaint for complaint in tab.complaints)


@pytest.mark.slow
def test_an_admin_may_more(tab: Tab) -> None:
    assert answer(signed_in(tab, "grace"), "Delete report") == "200"


@pytest.mark.slow
def test_tokens_are_in_memory_alone(tab: Tab, place: Place) -> None:
    page = signed_in(tab)
    (tokens,) = tab.tokens()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])")
    for name in ("access_token", "refresh_token", "id_token"):
        assert tokens[name] not in stored
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.evaluate("indexedDB.databases().then(found => found.length)") == 0
    page.goto(place.url)
    expect(page.get_by_role("status")).to_have_text("Not signed in")


@pytest.mark.slow
def test_a_refresh_replaces_the_refresh_token_and_the_page_goes_on(tab: Tab) -> None:
    page = signed_in(tab)
    for number in (2, 3):
        page.get_by_role("button", name="Refresh now").click()
        expect(page.get_by_role("status")).to_have_text("Refreshed.")
        page.get_by_role("status").evaluate("element => element.textContent = ''")
        assert len(tab.token_requests) == number
    received = tab.tokens()
    assert len({tokens["refresh_token"] for tokens in received}) == 3
    assert len({tokens["access_token"] for tokens in received}) == 3
    sent = [request.post_data or "" for request in tab.token_requests]
    assert "code_verifier=" in sent[0]
    assert [received[number]["refresh_token"] in sent[number + 1] for number in (0, 1)] == [True, True]
    assert answer(page, "Read reports") == "200"


@pytest.mark.slow
def test_signing_out_ends_the_session_at_the_server_too(tab: Tab) -> None:
    page = signed_in(tab)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("Not signed in")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


@pytest.mark.slow
def test_an_answer_that_nobody_asked_for_signs_nobody_in(tab: Tab, place: Place) -> None:
    for query in ("", "?code=x&state=y", f"?code=x&state=y&iss={place.issuer}", "?error=oops"):
        tab.page.goto(f"{place.url}/callback{query}")
        expect(tab.page.get_by_role("status")).to_have_text("That did not succeed. Sign in again.")
        expect(tab.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert tab.token_requests == []
