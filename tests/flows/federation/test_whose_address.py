"""What a provider says of an address opens the account of that very address, and of none that it folds to."""

import pytest

from tests.flows.databases import on_both
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import Journey

NOT_ALLOWED = "You can’t use this Example account here."
EVERY = 'sign_up: true, trusted_domains: ["*"]'


def comes_as(journey: Journey, email: str, **claims: object) -> str:
    """The `sub` that a person with this verified address is signed in as."""
    journey.upstream.people["ellen"].claims |= {"email": email, "email_verified": True, **claims}
    journey.browser = journey.site.browser()
    return str(journey.sign_in().id_claims["sub"])


@on_both
@pytest.mark.parametrize(
    ("theirs", "claimed"),
    [
        ("strasse@example.com", "straße@example.com"),
        ("boss@example.com", "ｂoss@example.com"),
        ("ceo@fass.example", "ceo@faß.example"),
        ("ceo@fass.example", "ceo@xn--fa-hia.example"),
        ("ceo@faß.example", "ceo@fass.example"),
        ("mike@example.com", "m\u0131ke@example.com"),
        ("kim@example.com", "\u212aim@example.com"),
    ],
)
def test_an_address_that_folds_to_another_is_never_linked_to_its_account(
    make_journey: MakeJourney, theirs: str, claimed: str
) -> None:
    journey = make_journey(EVERY)
    owner = journey.add("owner", email=theirs, email_verified=True)
    sub = comes_as(journey, claimed)
    assert sub != owner.sub
    assert journey.user(sub).email == claimed
    assert journey.identities(owner.sub) == []


@pytest.mark.parametrize("claimed", ["CEO@faß.example", "ceo@xn--fa-hia.example", "Ceo@XN--FA-HIA.Example"])
@pytest.mark.parametrize("trusted", ["faß.example", "xn--fa-hia.example"])
def test_the_two_spellings_of_a_domain_are_one_in_addresses_and_in_rules(
    make_journey: MakeJourney, claimed: str, trusted: str
) -> None:
    journey = make_journey(f"sign_up: true, trusted_domains: [{trusted}], allowed_domains: [{trusted}]")
    owner = journey.add("owner", email="ceo@faß.example", email_verified=True)
    assert comes_as(journey, claimed) == owner.sub
    assert journey.user(owner.sub).email == "ceo@faß.example"


@pytest.mark.parametrize(
    "claimed",
    [
        "eve@faß.example",
        "eve@xn--fa-hia.example",
        "eve@ｆass.example",
        "eve@fass\u3002example",
        "eve@fass.example.",
        " eve@fass.example",
        "eve@fas\u017f.example",
        "eve@mail.fass.example",
        "eve@faß.example@fass.example",
        "=?utf-8?q?eve=40evil.example=2c?=@fass.example",
    ],
)
def test_a_rule_about_domains_lets_in_that_very_domain_alone(make_journey: MakeJourney, claimed: str) -> None:
    journey = make_journey("sign_up: true, allowed_domains: [fass.example]")
    journey.upstream.people["ellen"].claims |= {"email": claimed, "email_verified": True}
    assert NOT_ALLOWED in journey.problem(journey.fails())


def test_the_setting_of_domains_to_sign_up_lets_in_that_very_domain_alone(make_journey: MakeJourney) -> None:
    journey = make_journey("refresh: []", signup="domain", signup_domains="faß.example")
    journey.upstream.people["erik"].claims |= {"email": "erik@fass.example", "email_verified": True}
    assert "doesn’t create one" in journey.problem(journey.fails("erik")).lower()
    assert journey.user(comes_as(journey, "eve@xn--fa-hia.example")).email == "eve@xn--fa-hia.example"


def test_a_username_of_a_provider_that_passes_for_another_is_not_taken_over(make_journey: MakeJourney) -> None:
    journey = make_journey(EVERY)
    sub = comes_as(journey, "eve@example.net", preferred_username="\u0430da")
    assert journey.user(sub).username == "eve"
