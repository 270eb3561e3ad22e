"""Who is it? An account that has the address is never opened by the address alone."""

from typing import Any

import pytest
from sqlalchemy import select

from authserver.store import users
from authserver.store.tables import signin_failures
from tests.flows.browser import PASSWORD, Browser, Landing
from tests.flows.databases import on_both
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


@on_both
def test_both_sides_have_verified_the_address_and_the_provider_gives_it_out_so_it_is_linked(
    make_journey: MakeJourney,
) -> None:
    journey = make_journey(TRUSTED)
    as_ada(journey)
    assert journey.sign_in().id_claims["sub"] == journey.site.people["ada"]
    assert journey.mails() == ["sign_in_linked", "new_device"]
    assert journey.user(journey.site.people["ada"]).password_hash is not None


@on_both
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


def test_the_password_that_proves_it_can_be_shown_as_on_every_other_page(journey: Journey) -> None:
    as_ada(journey)
    page = come(journey)
    assert (page.heading, 'data-field="password"' in page.text, "passwords.js" in page.text) == (PROOF, True, True)


def test_a_wrong_password_proves_nothing_and_is_counted(journey: Journey) -> None:
    as_ada(journey)
    page = come(journey)
    for _ in range(5):
        page = journey.browser.submit(page, password="wrong")
        assert (page.heading, page.status) == (PROOF, 400)
    page = journey.browser.submit(page, password=PASSWORD)
    assert page.status == 429
    assert journey.identities(journey.site.people["ada"]) == []


def by_code(journey: Journey, page: Landing) -> Landing:
    """Have a code sent, as the page of proof offers it."""
    (form,) = (form for form in page.page.forms if "Send a code to this address" in form.buttons)
    return journey.browser.submit(page, form=form, send="y")


def enter_code(journey: Journey, page: Landing, code: str) -> Landing:
    return journey.browser.submit(page, form=page.page.forms[0], code=code)


@on_both
def test_or_a_code_that_is_mailed_to_the_address_of_the_account(journey: Journey) -> None:
    as_ada(journey)
    attempt, landing = journey.ask()
    page = by_code(journey, journey.through(landing))
    assert (page.heading, page.status) == (PROOF, 200)
    to, code = journey.mailed_code()
    assert to == "ada@example.com"
    tokens = journey.portal.finish(attempt, enter_code(journey, page, code))
    assert tokens.id_claims["sub"] == journey.site.people["ada"]
    assert journey.mails() == ["prove", "sign_in_linked", "new_device"]
    assert journey.user(journey.site.people["ada"]).password_hash is not None


@on_both
def test_a_wrong_code_proves_nothing_and_after_five_the_right_one_does_not_either(journey: Journey) -> None:
    as_ada(journey)
    page = by_code(journey, come(journey))
    _, code = journey.mailed_code()
    for wrong in ("000000" if code != "000000" else "111111", "", "x", "é", "12345"):
        refused = enter_code(journey, page, wrong)
        assert (refused.heading, refused.status) == (PROOF, 400)
    assert enter_code(journey, page, code).status == 429
    journey.site.clock.pass_(11)
    assert enter_code(journey, page, code).status == 400
    assert journey.identities(journey.site.people["ada"]) == []
    assert len(journey.site.events("user:code:failed")) == 6


def test_wrong_codes_and_wrong_passwords_are_one_count_for_the_account(journey: Journey) -> None:
    as_ada(journey)
    page = come(journey)
    for _ in range(3):
        assert journey.browser.submit(page, password="wrong").status == 400
    sent = by_code(journey, page)
    assert [enter_code(journey, sent, "x").status for _ in range(3)] == [400, 400, 429]
    journey.site.clock.pass_(11)
    assert enter_code(journey, sent, journey.mailed_code()[1]).is_outside


def test_the_right_code_ends_the_count(journey: Journey) -> None:
    as_ada(journey)
    sent = by_code(journey, come(journey))
    assert [enter_code(journey, sent, "x").status for _ in range(4)] == [400] * 4
    assert enter_code(journey, sent, journey.mailed_code()[1]).is_outside
    with journey.site.database.read() as connection:
        assert connection.execute(select(signin_failures)).first() is None


def test_a_newer_code_voids_the_older(journey: Journey) -> None:
    as_ada(journey)
    page = by_code(journey, come(journey))
    _, older = journey.mailed_code()
    newer = journey.browser.submit(page, form=page.page.forms[1], send="y")
    assert enter_code(journey, page, older).status == 400
    assert enter_code(journey, newer, journey.mailed_code()[1]).is_outside


def test_codes_are_not_mailed_without_end(journey: Journey) -> None:
    as_ada(journey)
    page = come(journey)
    statuses = [by_code(journey, page).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert journey.mails() == ["prove"] * 3


def test_a_code_is_of_one_attempt_so_that_no_other_identity_is_linked_by_it(journey: Journey) -> None:
    as_ada(journey)
    mine = by_code(journey, come(journey))
    _, code = journey.mailed_code()
    as_ada(journey, "erik")
    _, landing = journey.ask()
    others = journey.through(landing, "erik")
    page = mine.url.partition("page=")[2].partition("&")[0]
    state = others.url.partition("attempt=")[2].partition("&")[0]
    swapped = journey.browser.open(f"/federation/example/prove/code?attempt={state}&page={page}")
    assert enter_code(journey, swapped, code).status == 400
    assert journey.identities(journey.site.people["ada"]) == []


def test_a_code_that_proves_an_account_is_worth_nothing_where_an_address_is_proven(journey: Journey) -> None:
    as_ada(journey)
    page = by_code(journey, come(journey))
    _, code = journey.mailed_code()
    password_of(journey.browser, journey.browser.open("/sign-in"), "ada")
    handle = page.url.partition("page=")[2].partition("&")[0]
    assert journey.browser.open(f"/verify?page={handle}").heading == "This link no longer works"
    assert enter_code(journey, page, code).is_outside


def test_a_code_works_in_no_other_browser(journey: Journey) -> None:
    as_ada(journey)
    page = by_code(journey, come(journey))
    assert journey.site.browser().open(page.url).heading == "This sign-in has expired"


@on_both
def test_who_proves_an_address_that_nobody_had_proven_leaves_nothing_to_who_had_the_account(
    journey: Journey,
) -> None:
    squatter = journey.add("squatter", email="victim@example.com")
    intruder = journey.site.browser()
    password_of(intruder, intruder.open("/sign-in"), "squatter")
    assert intruder.open("/account").heading == "Your account"
    as_ada(journey, email="victim@example.com")
    page = by_code(journey, come(journey))
    assert enter_code(journey, page, journey.mailed_code()[1]).is_outside
    user = journey.user(squatter.sub)
    assert (user.password_hash, user.email_verified) == (None, True)
    assert intruder.open("/account").heading == "Sign in"


def test_a_code_for_an_account_that_is_disabled_meanwhile_opens_nothing(journey: Journey) -> None:
    as_ada(journey)
    page = by_code(journey, come(journey))
    journey.site.disable("ada")
    assert "Your account here has been disabled" in journey.problem(enter_code(journey, page, journey.mailed_code()[1]))
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


@on_both
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
    assert "Your account here has been disabled" in journey.problem(come(journey))


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
