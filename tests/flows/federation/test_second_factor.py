"""A second factor of people who come through a provider: asked for, unless the provider's entry trusts its word."""

import pytest

from authserver.store.factors import totp
from authserver.store.upstream import identities
from tests.flows.factors.phone import ASKED, Phone
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import Journey
from tests.flows.federation.test_linking import PROOF, TRUSTED, as_ada, come, password_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_app(journey: Journey) -> Phone:
    """Ada has an app from now on."""
    server = journey.site.app.server
    with server.database.write() as connection:
        totp.add(connection, journey.site.people["ada"], "Phone", SECRET, server.master.seal(SECRET.encode()), 1, 1)
    return Phone(journey.site, SECRET, [])


@pytest.mark.parametrize(
    ("rule", "amr", "is_asked"),
    [
        ("", ["pwd", "mfa"], True),
        ("second_factor: ask", ["mfa"], True),
        ("second_factor: amr", ["pwd", "mfa"], False),
        ("second_factor: amr", ["pwd"], True),
        ("second_factor: amr", None, True),
        ("second_factor: trust", None, False),
    ],
)
def test_the_entry_of_the_provider_says_whether_its_word_counts(
    make_journey: MakeJourney, rule: str, amr: list[str] | None, is_asked: bool
) -> None:
    journey = make_journey(f"{TRUSTED}{', ' if rule else ''}{rule}")
    as_ada(journey, "ellen", **({"amr": amr} if amr else {}))
    phone = give_app(journey)
    landing = come(journey)
    assert (landing.heading == ASKED) == is_asked
    if is_asked:
        assert journey.browser.submit(landing, code=phone.code()).code


def test_what_the_provider_said_and_what_was_done_here_are_both_told(make_journey: MakeJourney) -> None:
    journey = make_journey(TRUSTED)
    as_ada(journey, amr=["fed"])
    phone = give_app(journey)
    journey.browser = journey.site.browser()
    attempt, landing = journey.ask()
    landing = journey.browser.submit(journey.through(landing), code=phone.code())
    assert journey.portal.finish(attempt, landing).id_claims["amr"] == ["fed", "otp", "mfa"]
    assert journey.browser.open("/account/factors").heading == "Two-factor authentication"


@pytest.mark.parametrize("rule", ["ask", "trust"])
def test_no_identity_is_linked_by_the_password_alone(make_journey: MakeJourney, rule: str) -> None:
    journey = make_journey(f"sign_up: true, second_factor: {rule}")
    as_ada(journey)
    phone = give_app(journey)
    landing = come(journey)
    assert landing.heading == PROOF
    landing = password_of(journey.browser, landing, "ada")
    assert landing.heading == ASKED
    assert journey.browser.submit(landing, code=phone.code()).code
    with journey.site.database.read() as connection:
        assert identities.of_person(connection, journey.site.people["ada"]) == []


@pytest.mark.parametrize(
    ("rule", "amr", "is_asked"),
    [
        ("second_factor: ask", ["mfa"], True),
        ("second_factor: amr", ["pwd"], True),
        ("second_factor: amr", ["pwd", "mfa"], False),
        ("second_factor: trust", None, False),
    ],
)
def test_where_one_is_required_the_entry_says_whether_the_provider_s_counts(
    make_journey: MakeJourney, rule: str, amr: list[str] | None, is_asked: bool
) -> None:
    journey = make_journey(f"{TRUSTED}, {rule}")
    journey.site.amend("default_role: user\n", "default_role: user\nsecond_factor: {required_from: 2027-01-01}\n")
    as_ada(journey, "ellen", **({"amr": amr} if amr else {}))
    landing = come(journey)
    assert (landing.heading == "Set up a second factor") == is_asked
    if not is_asked:
        assert landing.code
        assert journey.browser.open(journey.portal.ask().url).code
        assert journey.browser.open("/account").heading == "Your account"
