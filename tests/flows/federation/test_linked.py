"""Linked sign-ins in the account area: listed, added, removed, but never the last way in."""

from tests.flows.browser import PASSWORD, Landing
from tests.flows.databases import on_both
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import Journey, leads_to
from tests.provider.running import go_through


def open_linked(journey: Journey, username: str = "ada") -> Landing:
    landing = journey.browser.open("/sign-in?to=linked")
    return journey.enter_password(landing, username)


def add(journey: Journey, landing: Landing, subject: str = "ellen") -> Landing:
    form = journey.button(landing, "Add Example")
    page = journey.browser.submit(landing, "Add Example", form=form)
    return journey.browser.open(go_through(leads_to(page), subject))


def remove(journey: Journey, landing: Landing) -> Landing:
    ((form, text),) = (
        (form, text) for form in landing.page.forms for text in form.buttons if text.startswith("Remove")
    )
    return journey.browser.submit(landing, text, form=form)


@on_both
def test_a_sign_in_is_added_told_by_mail_used_and_removed(journey: Journey) -> None:
    page = open_linked(journey)
    assert page.heading == "Linked sign-ins"
    page = add(journey, page)
    assert "You can now sign in with Example." in page.page.words
    assert "ellen@example.org" in page.page.words
    assert "sign_in_linked" in journey.mails()
    journey.browser = journey.site.browser()
    assert journey.sign_in().id_claims["sub"] == journey.site.people["ada"]
    page = remove(journey, journey.browser.open("/account/linked"))
    assert "This sign-in is no longer linked." in page.page.words
    assert journey.identities(journey.site.people["ada"]) == []
    assert [event["provider"] for event in journey.site.events("user:identity:unlinked")] == ["example"]


def test_roles_that_come_and_go_with_a_linked_sign_in_are_told_to_the_audit(make_journey: MakeJourney) -> None:
    journey = make_journey("roles: {groups: {engineering: moderator}}")
    remove(journey, add(journey, open_linked(journey)))
    told = [(event["sub"], event["roles"]) for event in journey.site.events("user:roles:mapped")]
    assert told == [(journey.site.people["ada"], ["moderator"]), (journey.site.people["ada"], [])]
    assert journey.user(journey.site.people["ada"]).every_role == ("user",)


def test_the_last_way_in_is_not_removed(journey: Journey) -> None:
    sub = journey.sign_in().id_claims["sub"]
    page = remove(journey, journey.browser.open("/account/linked"))
    assert "This is the only way to sign in to your account." in page.page.words
    assert len(journey.identities(sub)) == 1


@on_both
def test_an_identity_of_somebody_else_is_not_added(journey: Journey) -> None:
    other = journey.sign_in().id_claims["sub"]
    journey.browser = journey.site.browser()
    page = add(journey, open_linked(journey))
    assert "is already linked to someone else" in page.page.words
    assert [each.subject for each in journey.identities(other)] == ["ellen"]
    assert journey.identities(journey.site.people["ada"]) == []


def test_an_old_session_is_asked_to_confirm_first(journey: Journey) -> None:
    open_linked(journey)
    journey.site.clock.pass_(601)
    assert journey.browser.open("/account/linked").heading == "Confirm it’s you"


def test_a_person_without_a_password_confirms_at_the_provider(journey: Journey) -> None:
    journey.sign_in()
    journey.site.clock.pass_(601)
    page = journey.browser.open("/account/linked")
    assert page.heading == "Confirm it’s you"
    assert page.page.form.buttons.keys() == {"Continue with Example"}
    assert journey.through(page).heading == "Linked sign-ins"


def test_what_somebody_else_began_is_not_linked_to_who_is_signed_in_now(journey: Journey) -> None:
    page = open_linked(journey)
    form = journey.button(page, "Add Example")
    answer = go_through(leads_to(journey.browser.submit(page, "Add Example", form=form)), "ellen")
    journey.enter_password(journey.browser.open("/sign-in?another=1"), "gus", PASSWORD)
    assert journey.browser.open(answer).heading == "This sign-in has expired"
    assert journey.identities(journey.site.people["gus"]) == journey.identities(journey.site.people["ada"]) == []


def test_a_denial_comes_back_to_the_list(journey: Journey) -> None:
    page = add(journey, open_linked(journey), subject="")
    assert page.heading == "Linked sign-ins"
    assert "finish signing in at" in page.page.words


def test_the_page_is_for_who_is_signed_in(journey: Journey) -> None:
    assert journey.browser.open("/account/linked").heading == "Sign in"
    assert journey.browser.post("/account/linked", {"add": "example"}).status in {400, 403}
