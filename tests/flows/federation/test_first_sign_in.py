"""Through the provider for the first time, and again: who gets an account, and what it holds."""

import pytest

from authserver.store import directory, users
from authserver.store.users import User
from tests.flows.databases import on_both
from tests.flows.federation.conftest import MakeJourney
from tests.flows.federation.journey import Journey


@on_both
def test_a_person_who_is_new_gets_an_account_and_goes_on_to_the_client(journey: Journey) -> None:
    tokens = journey.sign_in()
    user = journey.user(tokens.id_claims["sub"])
    assert (user.username, user.email, user.name) == ("ellen", "ellen@example.org", "Ellen Example")
    assert (user.password_hash, user.roles) == (None, ("user",))
    (identity,) = journey.identities(user.sub)
    assert (identity.issuer, identity.subject, identity.provider) == (journey.upstream.issuer, "ellen", "example")


@on_both
def test_the_same_person_comes_back_as_the_same_account(journey: Journey) -> None:
    first = journey.sign_in().id_claims["sub"]
    journey.browser = journey.site.browser()
    assert journey.sign_in().id_claims["sub"] == first
    journey.browser = journey.site.browser()
    assert journey.sign_in("erik").id_claims["sub"] != first


def test_an_address_counts_as_verified_where_the_provider_says_so_and_is_trusted_for_its_domain(
    make_journey: MakeJourney,
) -> None:
    assert journey_of(make_journey, "sign_up: true").email_verified is False
    assert journey_of(make_journey, "sign_up: true, trusted_domains: [example.com]").email_verified is False
    assert journey_of(make_journey, "sign_up: true, trusted_domains: [example.org]", "erik").email_verified is True
    assert journey_of(make_journey, 'sign_up: true, trusted_domains: ["*"]', "erik").email_verified is True


def journey_of(make_journey: MakeJourney, rules: str, subject: str = "ellen") -> User:
    journey = make_journey(rules)
    return journey.user(journey.sign_in(subject).id_claims["sub"])


@pytest.mark.parametrize("verified", ["false", "true", 1, None, False, [True]])
def test_an_address_that_the_provider_has_not_verified_is_not_kept(trusting: Journey, verified: object) -> None:
    trusting.upstream.claims["email_verified"] = verified
    user = trusting.user(trusting.sign_in().id_claims["sub"])
    assert (user.email, user.email_verified) == (None, False)


def test_a_person_without_an_address_gets_an_account_without_one(journey: Journey) -> None:
    journey.upstream.people["ellen"].claims = {"name": "Ellen"}
    user = journey.user(journey.sign_in().id_claims["sub"])
    assert user.email is None
    assert user.username.startswith("example-")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "x" * 5000 + "@example.org"},
        {"email": ["ellen@example.org"], "email_verified": True},
        {"email": "ellen@example.org\nBcc: all@example.org"},
        {"name": {"deep": ["er"] * 50}, "picture": 7, "preferred_username": "\u0000\u202e"},
        {"picture": "javascript:alert(1)", "name": "<script>alert(1)</script>" * 500},
        {"given_name": "\ud800", "groups": "engineering", "amr": "pwd", "acr": ["2"], "sid": 5},
        {"amr": ["x" * 5000, "a b", *["pwd"] * 500], "auth_time": "yesterday"},
    ],
)
def test_claims_that_are_odd_or_huge_are_as_good_as_none(journey: Journey, claims: dict[str, object]) -> None:
    journey.upstream.claims.update(claims)
    user = journey.user(journey.sign_in().id_claims["sub"])
    assert user.profile["picture"] is None
    assert len(user.name or "") <= 200


def test_an_address_that_userinfo_alone_tells_is_taken(trusting: Journey) -> None:
    trusting.upstream.claims.update(email=None, email_verified=None)
    user = trusting.user(trusting.sign_in().id_claims["sub"])
    assert (user.email, user.email_verified) == ("ellen@example.org", True)


@on_both
def test_a_username_that_is_taken_gets_a_number(journey: Journey) -> None:
    journey.add("ellen", email="somebody@example.net")
    user = journey.user(journey.sign_in().id_claims["sub"])
    assert user.username.startswith("ellen-")


@pytest.mark.parametrize(
    ("rules", "settings", "gets_one"),
    [
        ("label: Example", {}, False),
        ("label: Example", {"signup": "open"}, True),
        ("label: Example", {"signup": "domain", "signup_domains": ("example.org",)}, True),
        ("label: Example", {"signup": "domain", "signup_domains": ("example.com",)}, False),
        ("label: Example", {"signup": "invitation"}, False),
        ("sign_up: false", {"signup": "open"}, False),
        ("sign_up: true", {"signup": "off"}, True),
    ],
)
def test_who_is_new_gets_an_account_where_the_rules_make_one(
    make_journey: MakeJourney, rules: str, settings: dict[str, object], gets_one: bool
) -> None:
    journey = make_journey(rules.replace("label: Example", "prompt: login"), **settings)
    if gets_one:
        journey.sign_in()
        return
    back = journey.fails()
    assert "have an account here yet" in journey.problem(back)
    with journey.site.database.read() as connection:
        assert {user.username for user in directory.everybody(connection)} == {"gus", "ada", "mia", "root"}


@on_both
def test_a_changed_address_is_the_same_person_and_the_local_address_stays(trusting: Journey) -> None:
    sub = trusting.sign_in().id_claims["sub"]
    trusting.upstream.people["ellen"].claims["email"] = "new@example.org"
    trusting.browser = trusting.site.browser()
    assert trusting.sign_in().id_claims["sub"] == sub
    assert trusting.user(sub).email == "ellen@example.org"
    assert trusting.identities(sub)[0].email == "new@example.org"


@on_both
def test_a_disabled_person_stays_out(journey: Journey) -> None:
    sub = journey.sign_in().id_claims["sub"]
    with journey.site.database.write() as connection:
        users.disable(connection, sub, journey.site.clock.now)
    _, landing = journey.ask()
    back = journey.through(landing)
    assert "Your account here has been disabled" in journey.problem(back)


def test_no_password_opens_an_account_that_has_none(journey: Journey) -> None:
    journey.sign_in()
    journey.browser = journey.site.browser()
    _, landing = journey.ask()
    for password in ("", "None", "x"):
        assert journey.enter_password(landing, "ellen", password).heading == "Sign in"


def test_a_new_account_is_an_event_and_no_mail_about_a_new_device(trusting: Journey) -> None:
    sub = trusting.sign_in().id_claims["sub"]
    assert [event["sub"] for event in trusting.site.events("user:account:created")] == [sub]
    assert [event["provider"] for event in trusting.site.events("user:identity:linked")] == ["example"]
    assert trusting.mails() == ["sign_in_linked"]
