"""Through the provider for the first time, and again."""

from tests.flows.federation.journey import Journey


def test_a_person_who_is_new_gets_an_account_and_goes_on_to_the_client(journey: Journey) -> None:
    tokens = journey.sign_in()
    user = journey.user(tokens.id_claims["sub"])
    assert (user.username, user.email, user.name) == ("ellen", "ellen@example.org", "Ellen Example")
    assert (user.password_hash, user.roles) == (None, ("user",))
    (identity,) = journey.identities(user.sub)
    assert (identity.issuer, identity.subject, identity.provider) == (journey.upstream.issuer, "ellen", "example")


def test_the_same_person_comes_back_as_the_same_account(journey: Journey) -> None:
    first = journey.sign_in().id_claims["sub"]
    journey.browser = journey.site.browser()
    assert journey.sign_in().id_claims["sub"] == first
    journey.browser = journey.site.browser()
    assert journey.sign_in("erik").id_claims["sub"] != first
