"""An account whose address nobody has proven yet: what is told of it, and who has it once somebody does."""

from authserver import people
from tests.flows.browser import PASSWORD
from tests.flows.databases import on_both
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


@on_both
def test_who_accepts_an_invitation_leaves_nothing_to_who_had_the_account_by_a_provider(journey: Journey) -> None:
    as_ada(journey, "erik", email="victim@example.com")
    squatter = journey.sign_in("erik").id_claims["sub"]
    assert journey.user(squatter).email_verified is False
    intruder, server = journey.browser, journey.site.app.server
    with server.database.write() as connection:
        change = people.change_of(server, connection, people.administrator("root", "pages"))
        link = people.invite(change, "victim@example.com", username=None, name=None, roles=(), by_mail=False)
    journey.browser = journey.site.browser()
    accepted = journey.browser.submit(journey.browser.open(link), password=f"{PASSWORD}-too")
    assert accepted.heading == "Your account"
    user = journey.user(squatter)
    assert (user.email_verified, journey.identities(squatter)) == (True, [])
    assert intruder.open("/account").heading == "Sign in"
    # The provider's word alone opens nothing any more.
    journey.browser = intruder
    assert come(journey, "erik").heading == PROOF
