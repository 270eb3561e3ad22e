"""A device that polls: what it must prove, what it is told, and when.

RFC 8628. https://www.rfc-editor.org/rfc/rfc8628
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flows.conftest import MakeProvider
from tests.flows.device import DEVICE_CODE, Device, waiting
from tests.flows.dpop import bound_client
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS, USERS
from tests.flows.relying_party import challenge_of

DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@DATABASES
def test_polling_too_soon_makes_the_interval_longer_on_every_worker(make_provider: MakeProvider) -> None:
    one, other = make_provider(), make_provider()
    device = waiting(one)
    elsewhere = Device(other.client("tv"), device.body)
    assert device.hears() == "authorization_pending"
    one.clock.pass_(4)
    assert elsewhere.hears() == "slow_down"
    one.clock.pass_(9)
    assert device.hears() == "slow_down"
    one.clock.pass_(14)
    assert elsewhere.hears() == "slow_down"
    one.clock.pass_(20)
    assert device.hears() == "authorization_pending"


def test_once_allowed_even_a_poll_that_comes_too_soon_has_its_answer(provider: Provider) -> None:
    device = waiting(provider)
    assert (device.hears(), device.hears()) == ("authorization_pending", "slow_down")
    device.allowed(provider.browser())
    assert device.tokens().access_token


def test_a_code_ends_and_the_device_is_told_so_rather_than_that_it_is_unknown(provider: Provider) -> None:
    device, browser = waiting(provider), provider.browser()
    page = device.entered(browser)
    provider.clock.pass_(600)
    assert device.hears() == "expired_token"
    late = browser.allow(page)
    assert (late.status, late.heading) == (400, "This code no longer works")
    assert "No device is waiting" in device.entered(provider.browser()).page.words
    assert device.hears() == "expired_token"


def test_what_was_allowed_and_not_fetched_in_time_is_lost(provider: Provider) -> None:
    device = waiting(provider)
    device.allowed(provider.browser())
    provider.clock.pass_(600)
    assert device.hears() == "expired_token"


def test_how_long_a_code_lives_is_a_setting(make_provider: MakeProvider) -> None:
    provider = make_provider(device_code_lifetime=900)
    device = waiting(provider)
    assert device.body["expires_in"] == 900
    provider.clock.pass_(899)
    assert device.hears() == "authorization_pending"


@DATABASES
def test_of_many_polls_at_once_one_has_the_tokens_and_a_replay_ends_them(make_provider: MakeProvider) -> None:
    providers = [make_provider(), make_provider()]
    device = waiting(providers[0], scope="openid offline_access")
    device.allowed(providers[0].browser())
    barrier = threading.Barrier(8)

    def poll(number: int) -> dict[str, str]:
        barrier.wait()
        return dict(Device(providers[number % 2].client("tv"), device.body).poll().get_json())

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(poll, range(8)))
    (tokens,) = (answer for answer in answers if "access_token" in answer)
    assert {answer["error"] for answer in answers if answer is not tokens} == {"invalid_grant"}
    assert not providers[0].is_alive(tokens["access_token"])
    assert providers[0].events("token:device_code:replayed") or providers[1].events("token:device_code:replayed")


def test_a_device_code_belongs_to_its_client(provider: Provider) -> None:
    provider.amend(
        "    grant_types: [authorization_code]\n", f'    grant_types: [authorization_code, "{DEVICE_CODE}"]\n'
    )
    device = waiting(provider)
    device.allowed(provider.browser())
    stolen = Device(provider.client("notes"), device.body)
    assert stolen.hears() == "invalid_grant"
    assert device.tokens().access_token


def test_a_client_with_a_secret_must_prove_it_at_both_endpoints(provider: Provider) -> None:
    provider.amend(
        "    grant_types: [authorization_code]\n", f'    grant_types: [authorization_code, "{DEVICE_CODE}"]\n'
    )
    assert provider.post("/device_authorization", {"client_id": "notes"}).status_code == 401
    device, browser = waiting(provider, "notes", scope="openid"), provider.browser()
    browser.allow(device.entered(browser))
    unproven = {"grant_type": DEVICE_CODE, "device_code": device.device_code, "client_id": "notes"}
    assert provider.post("/token", unproven).status_code == 401
    assert device.tokens().id_claims["sub"] == provider.people["ada"]


@pytest.mark.parametrize("client_id", ["portal", "dashboard", "nightly", "terminal"])
def test_a_client_that_is_not_registered_for_it_is_told_so(provider: Provider, client_id: str) -> None:
    client = provider.client(client_id)
    for path, data in (
        ("/device_authorization", {"scope": "openid"}),
        ("/token", {"grant_type": DEVICE_CODE, "device_code": "x"}),
    ):
        response = client.post(path, data)
        assert (response.status_code, response.get_json()["error"]) == (400, "unauthorized_client")


def test_a_device_client_has_no_redirect_uri_and_none_at_the_authorization_endpoint(provider: Provider) -> None:
    page = provider.browser().open("/authorize?response_type=code&client_id=tv&redirect_uri=https://evil.example/")
    assert (page.status, page.is_outside) == (400, False)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"scope": "nothing"}, "invalid_scope"),
        ({"resource": USERS}, "invalid_target"),
        ({"code_challenge": "x", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": challenge_of("v" * 43), "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": challenge_of("v" * 43)}, "invalid_request"),
    ],
)
def test_what_a_client_may_not_ask_is_refused_at_once(provider: Provider, asked: dict[str, str], error: str) -> None:
    response = provider.client("tv").post("/device_authorization", asked)
    assert (response.status_code, response.get_json()["error"]) == (400, error)


def test_a_resource_is_asked_for_as_at_the_authorization_endpoint(provider: Provider) -> None:
    device = waiting(provider, resource=REPORTS)
    device.allowed(provider.browser())
    assert device.tokens(resource=REPORTS).access_claims["aud"] == REPORTS


def test_a_challenge_that_was_sent_holds(provider: Provider) -> None:
    verifier = "v" * 43
    device = waiting(provider, code_challenge=challenge_of(verifier), code_challenge_method="S256")
    device.allowed(provider.browser())
    assert (
        device.hears() == device.hears(code_verifier="w" * 43) == device.hears(code_verifier="short") == "invalid_grant"
    )
    assert device.tokens(code_verifier=verifier).access_token


def test_a_verifier_without_a_challenge_is_refused(provider: Provider) -> None:
    device = waiting(provider)
    device.allowed(provider.browser())
    assert device.hears(code_verifier="v" * 43) == "invalid_grant"


@pytest.mark.parametrize("code", ["", "x", "x" * 5000])
def test_an_unknown_device_code_is_refused(provider: Provider, code: str) -> None:
    response = provider.client("tv").post("/token", {"grant_type": DEVICE_CODE, "device_code": code})
    assert response.get_json()["error"] == ("invalid_grant" if code else "invalid_request")


def test_codes_of_one_kind_are_none_of_another(provider: Provider) -> None:
    device = waiting(provider)
    device.allowed(provider.browser())
    as_code = {"grant_type": "authorization_code", "code": device.device_code, "code_verifier": "v" * 43}
    assert device.client.post("/token", as_code | {"client_id": "tv"}).get_json()["error"] == "unauthorized_client"
    assert device.client.refresh(device.device_code).get_json()["error"] == "invalid_grant"
    by_user_code = Device(device.client, device.body | {"device_code": device.user_code})
    assert by_user_code.hears() == "invalid_grant"


def test_a_person_who_is_disabled_or_signs_out_before_the_poll_gives_nothing(provider: Provider) -> None:
    device = waiting(provider)
    device.allowed(provider.browser())
    provider.disable("ada")
    assert device.hears() == "invalid_grant"


def test_without_offline_access_it_ends_with_the_session_in_the_browser(provider: Provider) -> None:
    browser = provider.browser()
    short, lasting = waiting(provider, scope="openid"), waiting(provider, scope="openid offline_access")
    short.allowed(browser)
    lasting.allowed(browser)
    tokens, offline = short.tokens(), lasting.tokens()
    browser.submit(browser.open("/account"), "Sign out")
    assert short.client.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"
    assert lasting.client.refreshed(offline).access_token


def test_strangers_have_only_so_many_requests_kept_from_one_address(make_provider: MakeProvider) -> None:
    provider = make_provider(request_limit="2 per hour")
    for _ in range(2):
        waiting(provider)
    refused = provider.client("tv").post("/device_authorization", {})
    assert (refused.status_code, refused.get_json()["error"], "Retry-After" in refused.headers) == (
        429,
        "temporarily_unavailable",
        True,
    )
    assert provider.client("tv").post("/device_authorization", {}, address="203.0.113.1").status_code == 200


def test_a_client_that_is_no_longer_registered_for_it_gets_nothing(provider: Provider) -> None:
    device, browser = waiting(provider), provider.browser()
    page = device.entered(browser)
    provider.amend(f'["{DEVICE_CODE}", refresh_token]\n', "[authorization_code]\n    redirect_uris: [com.tv:/back]\n")
    assert browser.allow(page).heading == "This sign-in has expired"
    assert device.hears() == "unauthorized_client"


def test_a_device_that_proves_a_key_has_its_tokens_bound_to_it(provider: Provider) -> None:
    device, keyed = waiting(provider, scope="openid offline_access"), bound_client(provider)
    device.allowed(provider.browser())
    data = {"grant_type": DEVICE_CODE, "device_code": device.device_code}
    body = device.client.post("/token", data, **keyed.at_token()).get_json()
    assert body["token_type"] == "DPoP"
    again = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    assert device.client.post("/token", again).status_code == 400
    assert device.client.post("/token", again, **keyed.at_token()).status_code == 200
