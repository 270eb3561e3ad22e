"""Who is it? An account that has the address is never opened by the address alone."""

from typing import Any

import pytest

from authserver.store import users
from tests.flows.browser import PASSWORD, Browser, Landing
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import Journey

PROOF = "Is this account yours?"
TRUSTED = "sign_up: true, trusted_domains: [example.com]"


def as_ada(journey: Journey, subject: str = "ellen", **claims: Any) -> None:
    """The provider says that Ellen has Ada's address."""
    journey.upstream.people[subject].claims |= {"email": "ada@example.com", **claims}


def password_of(browser: Browser, landing: Landing, username: str) -> Landing:
    return browser.submit(landing, form=landing.page.forms[0], username=username, password=PASSWORD)


def come(journey: Journey, subject: str = "ellen") -> Landing:
    journey.browser = journey.site.browser()
    _, landing = journey.ask()
    return journey.through(landing, subject)


def test_both_sides_have_verified_the_address_and_the_provider_gives_it_out_so_it_is_linked(
    make_journey: MakeJourney,
) -> None:
    journey = make_journey(TRUSTED)
    as_ada(journey)
    assert journey.sign_in().id_claims["sub"] == journey.site.people["ada"]
    assert journey.mails() == ["sign_in_linked", "new_device"]
    assert journey.user(journey.site.people["ada"]).password_hash is not None


@pytest.mark.parametrize(
    ("rules", "claims"),
    [
        ("sign_up: true", {}),
        ("sign_up: true, trusted_domains: [example.org]", {}),
        (TRUSTED, {"email_verified": False}),
        (TRUSTED, {"email_verified": "false"}),
        (TRUSTED, {"email_verified": "true"}),
        (TRUSTED, {"email_verified": None}),
    ],
)
def test_otherwise_the_password_of_the_account_is_asked_for_once(
    make_journey: MakeJourney, rules: str, claims: dict[str, Any]
) -> None:
    journey = make_journey(rules)
    as_ada(journey, **claims)
    attempt, landing = journey.ask()
    page = journey.through(landing)
    assert page.heading == PROOF
    assert journey.identities(journey.site.people["ada"]) == []
    assert journey.site.events("user:login:succeeded") == []
    tokens = journey.portal.finish(attempt, journey.browser.submit(page, password=PASSWORD))
    assert tokens.id_claims["sub"] == journey.site.people["ada"]
    assert journey.mails()[0] == "sign_in_linked"
    journey.browser = journey.site.browser()
    assert journey.sign_in().id_claims["sub"] == journey.site.people["ada"]


def test_a_wrong_password_proves_nothing_and_is_counted(journey: Journey) -> None:
    as_ada(journey)
    page = come(journey)
    for _ in range(5):
        page = journey.browser.submit(page, password="wrong")
        assert (page.heading, page.status) == (PROOF, 400)
    page = journey.browser.submit(page, password=PASSWORD)
    assert page.status == 429
    assert journey.identities(journey.site.people["ada"]) == []


def test_the_page_of_proof_is_of_one_browser_and_one_use(journey: Journey) -> None:
    as_ada(journey)
    page = come(journey)
    assert journey.site.browser().open(page.url).heading == "This sign-in has expired"
    assert journey.browser.submit(page, password=PASSWORD).is_outside
    assert journey.browser.submit(page, password=PASSWORD).heading == "This sign-in has expired"


def test_whoever_cannot_prove_it_can_sign_in_another_way(journey: Journey) -> None:
    as_ada(journey)
    page = come(journey)
    other = journey.browser.follow(page, "Sign in another way")
    assert other.heading == "Sign in"
    assert journey.enter_password(other, "gus").is_outside


def test_an_address_given_to_another_subject_opens_nothing_by_itself(make_journey: MakeJourney) -> None:
    journey = make_journey(TRUSTED)
    as_ada(journey)
    journey.sign_in()
    # Ada's address is now somebody else's there.
    as_ada(journey, "erik")
    assert come(journey, "erik").heading == PROOF
    assert [each.subject for each in journey.identities(journey.site.people["ada"])] == ["ellen"]


def test_an_account_made_beforehand_by_somebody_else_gives_that_somebody_nothing(make_journey: MakeJourney) -> None:
    journey = make_journey(TRUSTED)
    squatter = journey.add("squatter", email="victim@example.com", name="Squatter")
    intruder = journey.site.browser()
    attempt = journey.portal.ask(scope="openid offline_access")
    page = intruder.open(attempt.url)
    tokens = journey.portal.finish(attempt, password_of(intruder, page, "squatter"))
    as_ada(journey, email="victim@example.com")

    claims = journey.sign_in().id_claims
    assert claims["sub"] == squatter.sub
    user = journey.user(squatter.sub)
    assert (user.password_hash, user.email_verified, user.name) == (None, True, "Squatter")
    assert journey.portal.refresh(tokens.refresh_token).status_code == 400
    assert not journey.site.is_alive(tokens.access_token)
    assert intruder.open("/account").heading == "Sign in"
    again = intruder.open(journey.portal.ask().url)
    assert password_of(intruder, again, "squatter").heading == "Sign in"


def test_an_identity_linked_beforehand_goes_with_the_account_s_password(make_journey: MakeJourney) -> None:
    journey = make_journey(TRUSTED)
    squatter = journey.add("squatter", email="victim@example.com")
    as_ada(journey, "erik", email="victim@example.com", email_verified=False)
    _, landing = journey.ask()
    page = journey.through(landing, "erik")
    assert journey.browser.submit(page, password=PASSWORD).is_outside
    assert [each.subject for each in journey.identities(squatter.sub)] == ["erik"]
    # The same provider vouches for another subject, so not even the owner is let in without a proof.
    as_ada(journey, "ellen", email="victim@example.com")
    assert come(journey, "ellen").heading == PROOF


def test_a_disabled_account_is_not_opened_by_its_address(make_journey: MakeJourney) -> None:
    journey = make_journey(TRUSTED)
    as_ada(journey)
    journey.site.disable("ada")
    assert "Your account here is disabled" in journey.problem(come(journey))


def test_another_spelling_of_the_address_is_the_same_address(make_journey: MakeJourney) -> None:
    journey = make_journey(TRUSTED)
    as_ada(journey, email="ADA@Example.COM")
    assert journey.sign_in().id_claims["sub"] == journey.site.people["ada"]


def test_an_account_that_is_deleted_meanwhile_is_not_opened(journey: Journey) -> None:
    as_ada(journey)
    page = come(journey)
    with journey.site.database.write() as connection:
        users.remove(connection, journey.site.people["ada"], journey.site.clock.now)
    assert journey.browser.submit(page, password=PASSWORD).heading == "This sign-in has expired"
