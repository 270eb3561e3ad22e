"""clients.yaml changed while the server runs: all of it at once, or nothing."""

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.registry import CLIENTS_YAML, REPORTS, USERS, digest
from tests.flows.relying_party import EVERYTHING, RelyingParty, basic

GRANT = {"grant_type": "client_credentials"}


def test_a_new_client_works_at_once_and_a_removed_one_no_longer(provider: Provider, browser: Browser) -> None:
    intranet = provider.client("intranet")
    intranet.sign_in(browser)
    provider.amend("client_id: intranet", "client_id: renamed")
    page = browser.open(intranet.ask().url)
    assert (page.status, page.is_outside) == (400, False)
    assert "code" in browser.open(intranet.ask(client_id="renamed").url).answer


def test_what_waits_for_a_client_that_was_removed_has_expired(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    page = browser.sign_in(browser.open(portal.ask().url), "ada")
    assert page.heading == "Allow Team portal?"
    provider.amend("client_id: portal", "client_id: another")
    handle = page.url.partition("request=")[2].partition("&")[0]
    for stale in (browser.allow(page), browser.open(page.url), browser.open(f"/authorize/{handle}")):
        assert (stale.status, stale.heading) == (400, "This sign-in has expired")


def test_a_redirect_uri_that_was_taken_away_ends_codes_on_their_way(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    waiting = browser.open(intranet.ask().url)
    provider.amend("https://intranet.example.com/callback", "https://intranet.example.com/new")
    landing = browser.sign_in(waiting, "ada")
    assert not landing.is_outside
    assert landing.status == 400


def test_a_scope_that_was_taken_away_is_gone_at_the_next_token(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    attempt = portal.ask(scope=EVERYTHING)
    code = portal.authorize(browser, attempt).code
    provider.amend("apis: [reports, users]\n    consent: once", "apis: [reports]\n    scopes: [openid, profile]")
    for answer in (portal.redeem(attempt, code), portal.refresh(tokens.refresh_token)):
        fresh = portal.tokens(answer)
        assert fresh.body["scope"] == "openid profile"
        assert "email" not in provider.userinfo(fresh.access_token).get_json()


def test_an_api_that_was_taken_away_is_gone_at_the_next_token(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    both = portal.sign_in(browser, scope=EVERYTHING)
    users_alone = portal.sign_in(browser, scope=EVERYTHING, resource=USERS)
    provider.amend("apis: [reports, users]\n    consent: once", "apis: [reports]\n    consent: once")
    assert portal.refresh(both.refresh_token, resource=USERS).get_json()["error"] == "invalid_target"
    assert portal.refreshed(both).access_claims["aud"] == [REPORTS, provider.issuer]
    assert portal.refresh(users_alone.refresh_token).get_json()["error"] == "invalid_grant"


def test_who_may_sign_in_counts_at_the_next_token(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    provider.amend("    consent: once", "    allow: {roles: [admin]}")
    assert portal.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"


def test_a_faulty_file_is_refused_whole_and_the_last_good_one_goes_on(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    version = provider.app.server.registry.version
    for faulty in (
        CLIENTS_YAML.replace("type: spa", "type: spaa").replace("client_id: intranet", "client_id: renamed"),
        CLIENTS_YAML + "\n  - [",
        "clients: []\nunknown: 1\n",
    ):
        assert not provider.declare(faulty)
        assert provider.app.server.registry.version == version
        portal.sign_in(browser)
        assert "renamed" not in provider.app.server.registry.clients
    assert provider.declare(CLIENTS_YAML)


def test_a_secret_is_replaced_without_a_gap(provider: Provider) -> None:
    old, new = provider.client("nightly").secret, "n" * 43
    both = f'secrets: [{{sha256: "{digest(old)}"}}, {{sha256: "{digest(new)}"}}]'
    provider.amend(f'secrets: [{{sha256: "{digest(old)}"}}]', both)
    for secret in (old, new):
        assert provider.post("/token", GRANT, Authorization=basic("nightly", secret)).status_code == 200
    provider.amend(both, f'secrets: [{{sha256: "{digest(new)}"}}]')
    assert provider.post("/token", GRANT, Authorization=basic("nightly", old)).status_code == 401
    assert provider.post("/token", GRANT, Authorization=basic("nightly", new)).status_code == 200


def test_every_worker_runs_the_same_once_each_has_read_it(make_provider: MakeProvider) -> None:
    one, other = make_provider(), make_provider()
    versions = {each.app.server.registry.version for each in (one, other)}
    assert len(versions) == 1
    one.amend("name: Team portal", "name: The portal")
    other.declare(one.clients_file.read_text())
    after = {each.call("GET", "/readyz").get_json()["clients_version"] for each in (one, other)}
    assert len(after) == 1
    assert after != versions


def test_the_metadata_follows_what_clients_ask_for(make_provider: MakeProvider) -> None:
    provider = make_provider(registration="off")

    def algs() -> list[str]:
        document = provider.call("GET", "/.well-known/openid-configuration").get_json()
        found: list[str] = document["id_token_signing_alg_values_supported"]
        return found

    assert algs() == ["ES256", "RS256"]
    provider.amend("    signing_alg: ES256\n", "")
    assert algs() == ["RS256"]
    # What an API has its tokens signed with says nothing of ID tokens.
    provider.amend("    audience: https://reports.example.com\n", f"    audience: {REPORTS}\n    signing_alg: PS256\n")
    assert algs() == ["RS256"]
