"""GitHub, which has no ID tokens: its API says who somebody is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from authserver.store.users import User
from tests.flows.browser import Landing
from tests.flows.conftest import MakeProvider
from tests.flows.federation.journey import SECRET, Journey, parameters_of
from tests.flows.registry import CLIENTS_YAML
from tests.patience import PATIENCE
from tests.provider.github import GitHub
from tests.provider.running import running_github
from tests.provider.state import State

BUTTON = "Continue with GitHub"


@pytest.fixture
def github() -> Iterator[GitHub]:
    with running_github() as state:
        yield state


@pytest.fixture
def journey(make_provider: MakeProvider, github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journey:
    monkeypatch.setenv("GITHUB_SECRET", SECRET)
    entry = f"preset: github, issuer: '{github.issuer}', client_id: a, secret: {{env: GITHUB_SECRET}}, sign_up: true"
    (tmp_path / "clients.yaml").write_text(f"{CLIENTS_YAML}providers:\n  github: {{{entry}}}\n")
    site = make_provider()
    return Journey(site, State("", ""), site.browser())


def through(journey: Journey, landing: Landing) -> Landing:
    response = requests.get(journey.start(landing, BUTTON), allow_redirects=False, timeout=PATIENCE)
    return journey.browser.open(response.headers["Location"])


def sign_in(journey: Journey) -> User:
    attempt, landing = journey.ask()
    return journey.user(journey.portal.finish(attempt, through(journey, landing)).id_claims["sub"])


def test_a_person_comes_in_by_the_number_of_their_account(journey: Journey, github: GitHub) -> None:
    user = sign_in(journey)
    assert (user.username, user.name, user.email) == ("octo", "Octo Cat", "octo@example.org")
    assert user.email_verified is False
    # Without https:// it is no web page's URL.
    assert (user.profile["profile"], user.profile["website"]) == ("https://github.com/octo", None)
    (identity,) = journey.identities(user.sub)
    assert (identity.issuer, identity.subject) == (github.issuer, "42")
    github.user["login"] = "renamed"
    journey.browser = journey.site.browser()
    assert sign_in(journey).sub == user.sub


def test_only_the_primary_address_counts_and_only_where_it_is_verified(journey: Journey, github: GitHub) -> None:
    github.emails[1]["verified"] = False
    assert sign_in(journey).email is None


def test_pkce_is_sent_and_the_scopes_are_github_s(journey: Journey) -> None:
    asked = parameters_of(journey.start(journey.ask()[1], BUTTON))
    assert asked["scope"] == "read:user user:email"
    assert asked["code_challenge_method"] == "S256"
    assert "nonce" not in asked


@pytest.mark.parametrize(
    ("user", "emails"),
    [({}, []), ({"id": "42"}, []), ({"id": True}, []), ([], []), (None, None)],
)
def test_an_answer_without_a_number_signs_nobody_in(
    journey: Journey, github: GitHub, user: object, emails: object
) -> None:
    github.user, github.emails = user, emails
    _, landing = journey.ask()
    back = through(journey, landing)
    assert "accept the answer from" in journey.problem(back)


@pytest.mark.parametrize("emails", [{}, None, [None, 5, {"primary": True}], "x", [{"primary": True, "email": 7}]])
def test_odd_addresses_are_as_good_as_none(journey: Journey, github: GitHub, emails: object) -> None:
    github.emails = emails
    assert sign_in(journey).email is None


def test_a_request_for_a_fresh_sign_in_is_beyond_it(journey: Journey) -> None:
    _, landing = journey.ask(prompt="login")
    assert "GitHub doesn’t say when you last signed in there" in journey.problem(through(journey, landing))


def test_it_does_not_say_when_somebody_signed_in_and_so_nobody_does(journey: Journey) -> None:
    attempt, landing = journey.ask()
    assert "auth_time" not in journey.portal.finish(attempt, through(journey, landing)).id_claims
