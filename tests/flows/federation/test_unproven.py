"""What is told to somebody who has the address of an account at a provider, and has not proven the account yet."""

from tests.flows.browser import PASSWORD
from tests.flows.federation.journey import Journey
from tests.flows.federation.test_linking import PROOF, as_ada, by_code, come, enter_code


def test_that_an_account_is_disabled_is_told_to_nobody_who_has_not_proven_it(journey: Journey) -> None:
    as_ada(journey)
    journey.site.disable("ada")
    page = come(journey)
    assert (page.heading, "disabled" in page.text) == (PROOF, False)
    wrong = journey.browser.submit(page, form=page.page.forms[0], password=PASSWORD)
    assert (wrong.heading, "disabled" in wrong.text) == (PROOF, False)
    page = by_code(journey, page)
    assert "Your account here has been disabled" in journey.problem(enter_code(journey, page, journey.mailed_code()[1]))
    assert journey.identities(journey.site.people["ada"]) == []


def test_nobody_is_told_to_look_for_a_code_that_was_not_sent(journey: Journey) -> None:
    as_ada(journey)
    page = by_code(journey, come(journey))
    spam = "Check your spam folder."
    assert spam in page.text
    assert spam not in journey.browser.open(page.url.partition("&page=")[0]).text
