"""A session that is begun and not complete opens nothing: a password was right, and another factor is missing."""

import re

from authserver.store import begun_sessions, sessions
from authserver.store.sessions import SignIn
from tests.adversary.endpoints import endpoints
from tests.flows.browser import Browser, Landing
from tests.flows.databases import on_both
from tests.flows.factors.phone import with_phone
from tests.flows.page import read
from tests.flows.provider import START, Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty

COOKIE, BEGUN = "authserver_session", "authserver_begun"
RANDOM = re.compile(r"[A-Za-z0-9_-]{20,}")
# What a form of ours would say to do the thing, whichever it is.
YES = {"decision": "allow", "sure": "y", "all": "1", "email": "new@example.com", "name": "Mallory"}
# What a browser's cookie opens today, so that a walk which sees no difference anywhere is no proof.
OPENED = {"/", "/account", "/account/profile", "/account/delete", "/authorize/<handle>", "/consent", "/sign-in"}
# Where a request that waits asks for what is missing, rather than who is there.
ASKS = {"/authorize/<handle>"}


def begun(provider: Provider, *, complete: bool = False) -> Browser:
    """A browser with the cookie of a session of Ada's."""
    browser = provider.browser()
    signing_in = SignIn(provider.people["ada"], ("pwd",), 3600, 43200)
    with provider.database.write() as connection:
        start = sessions.start if complete else begun_sessions.begin
        cookie = start(connection, signing_in, provider.clock.now)[0]
    for name in (COOKIE,) if complete else (COOKIE, BEGUN):
        browser.plant(name, cookie)
    return browser


def walk(provider: Provider, browser: Browser, portal: RelyingParty, *methods: str) -> dict[tuple[str, str], object]:
    """What each endpoint answers to this browser, with a request of its own under way."""
    asked = browser.open(portal.ask(scope=EVERYTHING, prompt="consent").url)
    handle = asked.url.partition("request=")[2]
    token = next(iter(browser.open("/sign-in?another=1").page.forms)).fields["csrf_token"]
    return {
        (method, rule): answer(provider, browser, method, rule, handle, token)
        for method, rule in endpoints(provider.app)
        if method in methods
    }


def answer(provider: Provider, browser: Browser, method: str, rule: str, handle: str, token: str) -> object:
    session, half = browser.cookie(COOKIE), browser.cookie(BEGUN)
    path = re.sub("<[^>]*>", lambda found: handle if "handle" in found[0] else "x", rule)
    response = browser.client.open(
        f"{provider.issuer}{path}?request={handle}",
        method=method,
        data={"csrf_token": token, **YES} if method == "POST" else None,
        headers={"Origin": browser.origin, "Sec-Fetch-Site": "same-origin"},
        environ_base={"REMOTE_ADDR": browser.address},
    )
    if session:
        # A page that takes the cookie away says nothing about the next one.
        browser.plant(COOKIE, session)
    if half:
        browser.plant(BEGUN, half)
    location = RANDOM.sub("…", response.headers.get("Location", ""))
    return response.status_code, location, read(response.text).headings if response.mimetype == "text/html" else ""


def differing(said: dict[tuple[str, str], object], stranger: dict[tuple[str, str], object]) -> set[str]:
    return {rule for method, rule in said if said[method, rule] != stranger[method, rule]}


def test_no_endpoint_answers_it_otherwise_than_a_stranger(provider: Provider, portal: RelyingParty) -> None:
    stranger = walk(provider, provider.browser(), portal, "GET", "POST")
    assert differing(walk(provider, begun(provider), portal, "GET", "POST"), stranger) <= ASKS
    with_phone(provider)
    assert differing(walk(provider, begun(provider), portal, "GET", "POST"), stranger) == ASKS
    complete = walk(provider, begun(provider, complete=True), portal, "GET")
    opened = {rule for (method, rule), said in complete.items() if said != stranger[method, rule]}
    assert opened >= OPENED


@on_both
def test_it_gets_no_code_and_its_person_is_asked_who_they_are(provider: Provider, intranet: RelyingParty) -> None:
    browser = begun(provider)
    assert browser.open(intranet.ask(prompt="none").url).error == "login_required"
    landing = browser.open(intranet.ask().url)
    assert landing.heading == "Sign in"
    assert browser.open("/account").heading == "Sign in"


@on_both
def test_who_signs_in_anew_leaves_it_behind(provider: Provider, intranet: RelyingParty) -> None:
    browser = begun(provider)
    halfway = browser.cookie(BEGUN) or ""
    assert browser.sign_in(browser.open(intranet.ask().url), "ada").code
    assert browser.cookie(COOKIE) != halfway
    with provider.database.write() as connection:
        assert not begun_sessions.end(connection, halfway, START)


def test_it_is_not_among_the_sessions_that_its_person_sees(provider: Provider) -> None:
    begun(provider)
    browser = begun(provider, complete=True)
    assert seen(browser.open("/account/sessions")) == 0
    begun(provider, complete=True)
    assert seen(browser.open("/account/sessions")) == 1


def seen(landing: Landing) -> int:
    """How many other sessions the page lists."""
    ends = (attributes.get("value") for _, attributes in landing.page.elements if attributes.get("name") == "end")
    return sum(value != "others" for value in ends)
