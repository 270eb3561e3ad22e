"""The provider misbehaves: nobody gets in, the page comes soon and says so, and its request is alive."""

import pytest

from authserver.federation.provider import EXTENSION
from tests.conftest import make_settings
from tests.flows.databases import on_both
from tests.flows.federation.journey import Journey, parameters_of
from tests.provider.running import go_through

AWAY = "Example can’t be reached right now."
REFUSED = "We couldn’t accept the answer from Example"
DENIED = "You didn’t finish signing in at Example."


def test_who_denies_there_comes_back_to_the_page_and_to_the_same_request(journey: Journey) -> None:
    assert DENIED in journey.problem(journey.fails(subject=""))


@pytest.mark.parametrize("error", ["server_error", "<script>alert(1)</script>", "x" * 3000])
def test_an_error_of_the_provider_is_told_in_our_words(journey: Journey, error: str) -> None:
    journey.upstream.answer = {"code": None, "error": error, "error_description": "<script>alert(1)</script>"}
    assert REFUSED in journey.problem(journey.fails())


def test_the_client_hears_nothing_of_the_provider_s_error(journey: Journey) -> None:
    journey.upstream.answer = {"code": None, "error": "upstream-words", "error_description": "upstream-words"}
    attempt, landing = journey.ask()
    back = journey.through(landing)
    final = journey.enter_password(back)
    assert "upstream" not in f"{back.text} {final.trail}"
    journey.portal.finish(attempt, final)


@pytest.mark.parametrize("endpoint", ["openid-configuration", "jwks.json", "token"])
@pytest.mark.parametrize("how", ["html", "error", "redirect", "huge", "list", "deep", "refused", "nothing"])
def test_an_endpoint_that_answers_nonsense_signs_nobody_in(journey: Journey, endpoint: str, how: str) -> None:
    journey.upstream.wrong[endpoint] = how
    attempt, landing = journey.ask()
    if endpoint == "openid-configuration":
        back = journey.browser.submit(landing, form=journey.button(landing))
    else:
        back = journey.through(landing)
    assert journey.problem(back).startswith((AWAY, REFUSED))
    assert "alert(1)" not in back.text
    journey.portal.finish(attempt, journey.enter_password(back))


@pytest.mark.parametrize("endpoint", ["openid-configuration", "jwks.json", "token"])
def test_a_slow_provider_is_given_up_soon(journey: Journey, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    journey.upstream.wrong[endpoint] = "slow"
    _, landing = journey.ask()
    answer = None if endpoint == "openid-configuration" else go_through(journey.start(landing), "ellen")
    # Up to here there was time for what is not slow.
    known = journey.site.app.extensions[EXTENSION].of(journey.site.app.server.providers["example"])
    monkeypatch.setattr(known, "_timeout", 0.3)
    if answer is None:
        back = journey.browser.submit(landing, form=journey.button(landing))
    else:
        back = journey.browser.open(answer)
    assert AWAY in journey.problem(back)


def test_by_default_a_provider_has_five_seconds() -> None:
    assert make_settings().upstream_timeout == 5


def test_a_provider_that_is_down_is_said_to_be_down_and_works_when_it_is_back(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authserver.outbound.cached.RETRY_AFTER", 0)
    issuer = journey.upstream.issuer
    text = journey.site.clients_file.read_text()
    assert journey.site.declare(text.replace(issuer, "http://127.0.0.1:9"))
    attempt, landing = journey.ask()
    back = journey.browser.submit(landing, form=journey.button(landing))
    assert AWAY in journey.problem(back)
    assert journey.site.declare(text)
    journey.portal.finish(attempt, journey.through(back))


def test_a_failure_keeps_others_from_waiting_for_the_same_one(journey: Journey) -> None:
    journey.upstream.wrong["openid-configuration"] = "error"
    _, landing = journey.ask()
    for _ in range(3):
        journey.browser.submit(landing, form=journey.button(landing))
    assert journey.upstream.asked.count("openid-configuration") == 1


def test_metadata_and_keys_are_fetched_once_for_many(journey: Journey) -> None:
    for _ in range(3):
        journey.browser = journey.site.browser()
        journey.sign_in()
    assert journey.upstream.asked.count("openid-configuration") == 1
    assert journey.upstream.asked.count("jwks.json") == 1


def test_rotated_keys_are_fetched_when_the_first_token_comes_that_needs_them(journey: Journey) -> None:
    journey.sign_in()
    journey.upstream.rotate()
    journey.browser = journey.site.browser()
    journey.sign_in()
    assert journey.upstream.asked.count("jwks.json") == 2


def test_a_key_that_is_not_published_signs_nobody_in_and_makes_one_fetch(journey: Journey) -> None:
    journey.upstream.signing_key = 2
    for _ in range(3):
        _, landing = journey.ask()
        assert REFUSED in journey.problem(journey.through(landing))
    assert journey.upstream.asked.count("jwks.json") == 2


@pytest.mark.parametrize("skew", [-60, 60])
def test_a_clock_that_is_a_minute_off_is_borne(journey: Journey, skew: int) -> None:
    journey.upstream.skew = skew
    claims = journey.sign_in().id_claims
    assert claims["auth_time"] <= journey.site.clock.now


@pytest.mark.parametrize("skew", [-3600, 3600])
def test_a_clock_that_is_an_hour_off_is_not_borne(journey: Journey, skew: int) -> None:
    journey.upstream.skew = skew
    assert REFUSED in journey.problem(journey.fails())


def test_a_token_without_signature_is_refused(journey: Journey) -> None:
    journey.upstream.unsigned = True
    assert REFUSED in journey.problem(journey.fails())


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "unknown"},
        {"kid": "key-2"},
        {"crit": ["exp"]},
        {"typ": "at+jwt"},
        {"typ": "logout+jwt"},
        {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "kid": "unknown"},
    ],
)
def test_a_header_that_leads_elsewhere_is_refused(journey: Journey, header: dict[str, object]) -> None:
    journey.upstream.header = header
    assert REFUSED in journey.problem(journey.fails())


def test_a_token_without_kid_is_taken_where_there_is_one_key(journey: Journey) -> None:
    journey.upstream.header = {"kid": None}
    journey.sign_in()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example.com"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["authserver", "another-client"]},
        {"aud": []},
        {"aud": None},
        {"azp": "another-client"},
        {"aud": ["authserver", "another-client"], "azp": "another-client"},
        {"exp": None},
        {"exp": 1},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": None},
        {"iat": 9_000_000_000},
        {"nbf": 9_000_000_000},
        {"nonce": None},
        {"nonce": "another"},
        {"nonce": ["x"]},
        {"nonce": "\ud800"},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"at_hash": 5},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": "x" * 256},
        {"sub": "ellen\u0000"},
    ],
)
def test_each_claim_of_the_id_token_is_checked(journey: Journey, claims: dict[str, object]) -> None:
    journey.upstream.claims = claims
    assert REFUSED in journey.problem(journey.fails())


@pytest.mark.parametrize("claims", [{"at_hash": None}, {"azp": "authserver"}, {"aud": ["authserver"]}])
def test_what_the_specification_leaves_open_is_taken(journey: Journey, claims: dict[str, object]) -> None:
    journey.upstream.claims = claims
    journey.sign_in()


@pytest.mark.parametrize("issuer", ["https://evil.example.com", None, ""])
def test_the_answer_must_name_its_issuer_where_the_provider_promises_so(journey: Journey, issuer: str | None) -> None:
    journey.upstream.answer = {"iss": issuer}
    assert REFUSED in journey.problem(journey.fails())


def test_an_answer_without_issuer_is_taken_from_a_provider_that_promises_none(journey: Journey) -> None:
    journey.upstream.metadata["authorization_response_iss_parameter_supported"] = None
    journey.upstream.answer = {"iss": None}
    journey.sign_in()


def test_another_issuer_is_refused_even_where_none_is_promised(journey: Journey) -> None:
    journey.upstream.metadata["authorization_response_iss_parameter_supported"] = None
    journey.upstream.answer = {"iss": "https://evil.example.com"}
    assert REFUSED in journey.problem(journey.fails())


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example.com"},
        {"issuer": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://login.example.com/authorize"},
        {"token_endpoint": None},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"token_endpoint": "https://user@login.example.com/"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ["https://login.example.com"]},
    ],
)
def test_metadata_that_lead_elsewhere_are_refused(journey: Journey, metadata: dict[str, object]) -> None:
    journey.upstream.metadata = metadata
    _, landing = journey.ask()
    back = journey.browser.submit(landing, form=journey.button(landing))
    assert REFUSED in journey.problem(back)


def test_userinfo_about_somebody_else_is_refused(journey: Journey) -> None:
    journey.upstream.claims.update(email=None, email_verified=None)
    journey.upstream.people["ellen"].claims["sub"] = "erik"
    journey.upstream.claims["sub"] = "ellen"
    assert REFUSED in journey.problem(journey.fails())


@on_both
def test_a_state_works_once_and_in_the_browser_that_was_sent_alone(journey: Journey) -> None:
    _, landing = journey.ask()
    answer = go_through(journey.start(landing), "ellen")
    stranger = journey.site.browser()
    assert stranger.open(answer).heading == "This sign-in has expired"
    journey.browser.open(answer)
    assert journey.browser.open(answer).heading == "This sign-in has expired"
    assert len(journey.site.events("user:login:succeeded")) == 1


@pytest.mark.parametrize("query", ["", "?state=", "?state=x&code=y", "?code=y", "?state=%00", "?state=a&state=b"])
def test_a_callback_that_nobody_was_sent_for_is_no_sign_in(journey: Journey, query: str) -> None:
    journey.ask()
    assert journey.browser.open(f"/federation/example/callback{query}").heading == "This sign-in has expired"


def test_a_code_given_twice_is_no_answer(journey: Journey) -> None:
    _, landing = journey.ask()
    answer = go_through(journey.start(landing), "ellen")
    assert REFUSED in journey.problem(journey.browser.open(f"{answer}&code=another"))


@on_both
def test_an_attempt_expires_with_its_request(journey: Journey) -> None:
    _, landing = journey.ask()
    answer = go_through(journey.start(landing), "ellen")
    journey.site.clock.pass_(journey.site.app.server.settings.request_lifetime)
    assert journey.browser.open(answer).heading == "This sign-in has expired"


def test_state_nonce_and_challenge_are_new_for_each_attempt_and_in_no_copy_of_the_database(journey: Journey) -> None:
    _, landing = journey.ask()
    first, second = (parameters_of(journey.start(landing)) for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
    assert first["code_challenge_method"] == "S256"
    assert first["redirect_uri"] == f"{journey.site.issuer}/federation/example/callback"
    dump = journey.site.dump()
    assert first["state"] not in dump
    assert first["nonce"] not in dump
    assert landing.url.rpartition("request=")[2] not in dump


def test_an_unknown_provider_has_no_pages(journey: Journey) -> None:
    for path in ("start", "callback", "prove", "signed-out", "logo"):
        assert journey.browser.open(f"/federation/nobody/{path}").status == 404


def test_a_start_from_elsewhere_is_refused(journey: Journey) -> None:
    assert journey.browser.post("/federation/example/start", {}).status in {400, 403}
    assert journey.browser.open("/federation/example/start").status == 404
    _, landing = journey.ask()
    handle = landing.url.rpartition("request=")[2]
    assert journey.browser.open(f"/federation/example/start?request={handle}").status == 404
