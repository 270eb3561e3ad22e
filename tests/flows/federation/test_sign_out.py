"""Signing out: there as well as here where it is said, and here when the provider says so."""

from typing import Any

import pytest
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from tests.flows.databases import on_both
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import Journey, leads_to, parameters_of

RULES = "sign_up: true, sign_out: true"


def sign_out(journey: Journey) -> Any:
    home = journey.browser.open("/")
    (form,) = (form for form in home.page.forms if "Sign out" in form.buttons)
    return journey.browser.submit(home, form=form)


def logout(journey: Journey, token: str | None = None, **changes: Any) -> TestResponse:
    token = journey.upstream.logout_token(**({"sub": "ellen"} | changes)) if token is None else token
    return journey.site.call("POST", "/federation/example/backchannel-logout", data={"logout_token": token})


def is_signed_in(journey: Journey) -> bool:
    return journey.browser.open("/account").heading == "Your account"


@on_both
def test_who_signs_out_here_is_led_to_the_provider_s_end_of_session_and_back(make_journey: MakeJourney) -> None:
    journey = make_journey(RULES)
    journey.sign_in()
    url = leads_to(sign_out(journey))
    asked = parameters_of(url)
    assert url.startswith(f"{journey.upstream.issuer}/end_session?")
    assert asked["post_logout_redirect_uri"] == f"{journey.site.issuer}/federation/example/signed-out"
    assert asked["client_id"] == "authserver"
    assert asked["id_token_hint"].count(".") == 2
    assert not is_signed_in(journey)
    home = journey.browser.open(f"/federation/example/signed-out?state={asked['state']}")
    assert home.url.rstrip("/") == journey.site.issuer


def test_a_client_s_sign_out_goes_by_way_of_the_provider_and_ends_at_the_client(make_journey: MakeJourney) -> None:
    journey = make_journey(RULES)
    tokens = journey.sign_in()
    target = "https://intranet.example.com/"
    page = journey.browser.open(
        f"/end_session?id_token_hint={tokens.id_token}&post_logout_redirect_uri={target}&state=s"
    )
    asked = parameters_of(leads_to(page))
    landed = journey.browser.open(f"/federation/example/signed-out?state={asked['state']}")
    assert landed.is_outside
    assert landed.url == f"{target}?state=s"
    again = journey.browser.open(f"/federation/example/signed-out?state={asked['state']}")
    assert not again.is_outside


@pytest.mark.parametrize("query", ["", "?state=x", "?state=x&target=https://evil.example.com/"])
def test_the_way_back_leads_nowhere_else(make_journey: MakeJourney, query: str) -> None:
    journey = make_journey(RULES)
    assert not journey.browser.open(f"/federation/example/signed-out{query}").is_outside


def test_without_the_rule_or_the_endpoint_the_sign_out_is_here_alone(make_journey: MakeJourney) -> None:
    for rules, metadata in (("sign_up: true", {}), (RULES, {"end_session_endpoint": None})):
        journey = make_journey(rules)
        journey.upstream.metadata = metadata
        journey.sign_in()
        assert "Refresh" not in sign_out(journey).headers
        assert not is_signed_in(journey)


def test_the_id_token_is_kept_only_for_the_sign_out_and_sealed(make_journey: MakeJourney) -> None:
    from sqlalchemy import select

    from authserver.store.tables import sessions

    for rules, kept in (("sign_up: true", False), (RULES, True)):
        journey = make_journey(rules)
        journey.sign_in()
        with journey.site.database.read() as connection:
            held = [*connection.scalars(select(sessions.c.upstream_id_token).order_by(sessions.c.created_at))][-1]
        assert (held is not None) == kept
        journey.site.clock.pass_(1)


@on_both
def test_a_logout_token_ends_the_person_s_sessions_that_came_from_there(journey: Journey) -> None:
    tokens = journey.sign_in()
    assert logout(journey).status_code == 200
    assert not is_signed_in(journey)
    assert not journey.site.is_alive(tokens.access_token)
    told = [(event["provider"], event["sessions"]) for event in journey.site.events("user:sessions:ended")]
    assert told == [("example", 1)]


@pytest.mark.parametrize("named", [{}, {"sub": None}])
def test_a_logout_token_can_name_one_session(journey: Journey, named: dict[str, Any]) -> None:
    journey.sign_in()
    assert logout(journey, sid="session-of-erik", **named).status_code == 200
    assert is_signed_in(journey)
    assert logout(journey, sid="session-of-ellen", **named).status_code == 200
    assert not is_signed_in(journey)


def test_sessions_that_came_another_way_go_on(journey: Journey) -> None:
    _, landing = journey.ask()
    journey.enter_password(landing)
    assert logout(journey, sub="ada").status_code == 200
    assert is_signed_in(journey)


@on_both
def test_an_old_logout_token_does_not_end_a_new_session(journey: Journey) -> None:
    token = journey.upstream.logout_token(sub="ellen", exp=journey.upstream.now() + 3600)
    journey.site.clock.pass_(500)
    journey.sign_in()
    assert logout(journey, token).status_code == 200
    assert is_signed_in(journey)


@on_both
def test_a_logout_token_is_taken_once(journey: Journey) -> None:
    token = journey.upstream.logout_token(sub="ellen", exp=journey.upstream.now() + 3600)
    assert logout(journey, token).status_code == 200
    with capture_logs() as lines:
        again = logout(journey, token)
    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_request")
    (line,) = (line for line in lines if line["event"] == "federation:logout_refused")
    assert (line["error"], line["provider"], line["reason"]) == (
        "invalid_request",
        "example",
        again.get_json()["error_description"],
    )
    assert "used before" in line["detail"]
    journey.site.clock.pass_(500)
    assert logout(journey, token).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example.com"},
        {"aud": "another-client"},
        {"events": {}},
        {"events": None},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": True}},
        {"nonce": "n"},
        {"sub": None},
        {"sub": 5},
        {"sid": ["x"]},
        {"sub": "\ud800"},
        {"sub": "ellen\0"},
        {"sid": "\ud800"},
        {"sid": "x\0"},
        {"iat": None},
        {"iat": 1},
        {"exp": 1},
        {"exp": None},
        {"jti": None},
        {"jti": ""},
        {"jti": ["x"]},
    ],
)
@on_both
def test_each_claim_of_a_logout_token_is_checked(journey: Journey, changes: dict[str, Any]) -> None:
    journey.sign_in()
    response = logout(journey, **changes)
    assert response.status_code == 400
    assert response.get_json()["error"] == "invalid_request"
    assert is_signed_in(journey)


def test_an_id_token_is_no_logout_token(make_journey: MakeJourney) -> None:
    journey = make_journey(RULES)
    journey.sign_in()
    id_token = parameters_of(leads_to(sign_out(journey)))["id_token_hint"]
    assert logout(journey, id_token).status_code == 400


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 70_000, "\u0000", "a.b", "é.é.é"])
def test_rubbish_is_refused(journey: Journey, token: str) -> None:
    assert logout(journey, token).status_code in {400, 413}


def test_a_token_that_is_unsigned_or_another_s_is_refused(journey: Journey) -> None:
    journey.sign_in()
    journey.upstream.unsigned = True
    assert logout(journey).status_code == 400
    journey.upstream.unsigned = False
    journey.upstream.signing_key = 2
    assert logout(journey).status_code == 400
    assert is_signed_in(journey)


def test_rubbish_by_the_hundred_fetches_the_keys_once_more_at_most(journey: Journey) -> None:
    journey.sign_in()
    journey.upstream.signing_key = 2
    token = journey.upstream.logout_token(sub="ellen")
    for _ in range(20):
        logout(journey, token)
    assert journey.upstream.asked.count("jwks.json") <= 2


def test_a_provider_s_server_is_answered_as_a_machine(journey: Journey) -> None:
    unknown = journey.site.call("POST", "/federation/nobody/backchannel-logout", data={"logout_token": "x"})
    assert (unknown.status_code, unknown.get_json()["error"]) == (404, "invalid_request")
    refused = journey.site.call("GET", "/federation/example/backchannel-logout")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    journey.sign_in()
    done = logout(journey)
    assert (done.status_code, done.headers["Cache-Control"]) == (200, "no-store")
    assert journey.site.app.is_machine("/federation/example/backchannel-logout")
    assert not journey.site.app.is_machine("/federation/example/callback")
