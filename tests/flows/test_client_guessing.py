"""Guessing at the secrets of clients is slowed down, and nobody who has a right one is kept out by it."""

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.registry import SECRETS
from tests.flows.relying_party import RelyingParty, basic
from tests.flows.test_client_authentication import GRANT, assert_invalid_client


@on_both
def test_wrong_secrets_are_slowed_down_and_a_right_one_is_accepted_all_the_while(make_provider: MakeProvider) -> None:
    provider = make_provider(client_auth_limit="3 per hour")
    right, wrong = basic("nightly", SECRETS["nightly"]), basic("nightly", "wrong")
    for _ in range(3):
        assert provider.post("/token", GRANT, Authorization=wrong).status_code == 401
    for _ in range(5):
        assert provider.post("/token", GRANT, Authorization=right).status_code == 200
    for _ in range(3):
        throttled = provider.post("/token", GRANT, Authorization=wrong)
        assert (throttled.status_code, throttled.get_json()["error"]) == (429, "invalid_client")
        assert 0 < int(throttled.headers["Retry-After"]) <= 3600
        assert provider.post("/token", GRANT, Authorization=right).status_code == 200

    # Elsewhere, and for another client here, counting begins at one.
    assert provider.post("/token", GRANT, Authorization=wrong, address="198.51.100.9").status_code == 401
    assert provider.post("/introspect", {"token": "x"}, Authorization=basic("portal", "wrong")).status_code == 401
    names = [event["name"] for event in provider.events()]
    assert names.count("client:authentication:failed") == 5
    assert names.count("client:authentication:throttled") == 1


def test_a_stranger_with_made_up_codes_locks_nobody_out_of_an_application(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    signed_in = portal.sign_in(browser, scope="openid offline_access")
    right = basic("portal", SECRETS["portal"])
    for _ in range(35):
        # Each callback is an exchange that fails; many libraries then try again with the secret in the body.
        made_up = {"grant_type": "authorization_code", "code": "made-up", "redirect_uri": portal.redirect_uri}
        made_up |= {"code_verifier": "x" * 43}
        refused = provider.post("/token", made_up, Authorization=right)
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")
        again = provider.post("/token", made_up | {"client_id": "portal", "client_secret": SECRETS["portal"]})
        assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
        for name in ("portal", "nightly"):
            assert provider.post("/token", GRANT, Authorization=basic(name, "wrong")).status_code in {401, 429}
    assert portal.refresh(str(signed_in.refresh_token)).status_code == 200
    assert portal.sign_in(provider.browser(), scope="openid").access_token


def test_a_right_secret_by_another_way_than_the_pinned_one_counts_for_nothing(make_provider: MakeProvider) -> None:
    provider = make_provider(client_auth_limit="3 per hour")
    for _ in range(5):
        header = basic("importer", SECRETS["importer"])
        assert_invalid_client(provider.post("/token", GRANT, Authorization=header), challenged=True)
    wrong = GRANT | {"client_id": "importer", "client_secret": "wrong"}
    assert_invalid_client(provider.post("/token", wrong), challenged=False)


def test_an_unknown_client_is_slowed_down_like_a_known_one(make_provider: MakeProvider) -> None:
    provider = make_provider(client_auth_limit="3 per hour")
    known, unknown = (
        [provider.post("/token", GRANT, Authorization=basic(name, "wrong")).status_code for _ in range(5)]
        for name in ("nightly", "nobody")
    )
    assert known == unknown == [401, 401, 401, 429, 429]


def test_a_forged_address_does_not_reset_the_limit(make_provider: MakeProvider) -> None:
    provider = make_provider(client_auth_limit="3 per hour")
    wrong = basic("nightly", "wrong")
    answers = [
        provider.post(
            "/token",
            GRANT,
            **{"Authorization": wrong, "X-Forwarded-For": f"203.0.113.{index}", "X-Real-IP": f"203.0.113.{index}"},
        ).status_code
        for index in range(5)
    ]
    assert answers == [401, 401, 401, 429, 429]


def test_the_addresses_of_one_ipv6_network_are_one(make_provider: MakeProvider) -> None:
    provider = make_provider(client_auth_limit="3 per hour")
    wrong = basic("nightly", "wrong")
    answers = [
        provider.post("/token", GRANT, Authorization=wrong, address=f"2001:db8::{index}").status_code
        for index in range(5)
    ]
    assert answers == [401, 401, 401, 429, 429]
    assert provider.post("/token", GRANT, Authorization=wrong, address="2001:db8:0:1::1").status_code == 401


def test_two_workers_with_redis_count_together(make_provider: MakeProvider, redis_url: str) -> None:
    one, other = (make_provider(client_auth_limit="4 per hour", redis_url=redis_url) for _ in range(2))
    wrong = basic("nightly", "wrong")
    answers = [
        worker.post("/token", GRANT, Authorization=wrong, address="198.51.100.77").status_code
        for worker in (one, other) * 3
    ]
    assert answers == [401, 401, 401, 401, 429, 429]
