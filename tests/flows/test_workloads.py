"""JWT bearer: a workload acts as a client by a token of its platform, and no secret is anywhere (RFC 7523 §2.1)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.flows.conftest import MakeProvider
from tests.flows.databases import always_on_both, on_both
from tests.flows.dpop import ProofKey
from tests.flows.provider import START, Provider
from tests.flows.registry import REPORTS, SECRETS, USERS
from tests.flows.relying_party import basic
from tests.flows.workloads import (
    CLIENTS,
    JOB,
    MAIN,
    POD,
    ask,
    claims_of,
    github,
    gitlab,
    kubernetes,
    let_in,
    refused,
)
from tests.provider.running import running
from tests.provider.state import State
from tests.store.at_once import at_once


@pytest.fixture
def platform(provider: Provider) -> Iterator[State]:
    """The issuer, which the server knows."""
    with running("authserver", "x", provider.clock) as state:
        let_in(provider, state.issuer)
        yield state


def reason(provider: Provider) -> str:
    return str(provider.events("token:assertion:refused")[-1]["reason"])


@on_both
def test_a_job_gets_what_its_client_may_and_nothing_else(provider: Provider, platform: State) -> None:
    answer = ask(provider, github(platform, provider.issuer))
    assert answer.get_json().keys() == {"access_token", "token_type", "expires_in"}
    claims = claims_of(provider, answer)
    assert len(claims.pop("jti")) >= 22
    assert claims == {
        "iss": provider.issuer,
        "sub": "deploy",
        "client_id": "deploy",
        "aud": REPORTS,
        "iat": START,
        "exp": START + 1800,
        "act": {"iss": platform.issuer, "sub": MAIN},
        "roles": ["moderator"],
        "permissions": ["read:reports", "write:reports"],
    }
    told = provider.events("token:access_token:issued")[-1]
    assert (told["client_id"], told["workload"], told["api"]) == ("deploy", f"{platform.issuer} {MAIN}", "reports")
    assert provider.introspect(answer.get_json()["access_token"])["act"] == {"iss": platform.issuer, "sub": MAIN}
    assert provider.userinfo(answer.get_json()["access_token"]).status_code == 403


@pytest.mark.parametrize(
    ("make", "client_id", "subject"),
    [(github, "deploy", MAIN), (gitlab, "pages", JOB), (kubernetes, "billing", POD)],
)
def test_tokens_of_each_platform_find_their_client(
    provider: Provider, platform: State, make: Any, client_id: str, subject: str
) -> None:
    for seconds, more in enumerate(({}, {"client_id": client_id})):
        token = make(platform, provider.issuer, exp=platform.now() + 300 + seconds)
        claims = claims_of(provider, ask(provider, token, **more))
        assert (claims["sub"], claims["act"]["sub"]) == (client_id, subject)


def test_scope_and_resource_are_as_for_a_service(provider: Provider, platform: State) -> None:
    token = github(platform, provider.issuer)
    answer = ask(provider, token, resource=USERS, scope="read:users")
    claims = claims_of(provider, answer)
    assert (claims["aud"], claims["permissions"], answer.get_json()["scope"]) == (USERS, ["read:users"], "read:users")
    # What is refused for something else is not spent.
    token = github(platform, provider.issuer)
    assert refused(ask(provider, token, scope="delete:everything"))[0] == "invalid_scope"
    assert refused(ask(provider, token, resource="https://unknown.example.com"))[0] == "invalid_target"
    assert ask(provider, token).status_code == 200


@pytest.mark.parametrize(
    "subject",
    [
        "repo:acme/app:ref:refs/heads/mains",
        "repo:acme/app:ref:refs/heads/main/x",
        "repo:acme/app:ref:refs/heads/Main",
        "repo:acme/app:ref:refs/heads/main\n",
        "xrepo:acme/app:ref:refs/heads/main",
        "repo:acme/app:ref:refs/tags/v",
        "repo:acme/app:ref:refs/tags/v1/x",
        "repo:acme/app:ref:refs/tags/v1:environment:production",
        "repo:evil/app:ref:refs/tags/v1",
        "repo:acme/app",
        "system:serviceaccount:shop:billing2",
        "system:serviceaccount:evil:billing",
        "project_path:acme/x/y:ref_type:branch:ref:main",
        "project_path:acme/x:ref_type:branch:ref:main:ref_type:branch:ref:main",
        "project_path:acme/:ref_type:branch:ref:main",
        "repo:acme/app:ref:refs/tags/v*\u202e",
        "x" * 2000,
        "",
    ],
)
def test_a_subject_is_matched_whole_and_a_star_stays_within_its_part(
    provider: Provider, platform: State, subject: str
) -> None:
    assert refused(ask(provider, github(platform, provider.issuer, sub=subject)))[0] == "invalid_grant"


def test_a_star_stands_for_the_rest_of_its_part(provider: Provider, platform: State) -> None:
    for tag in ("v1", "v1.2.3-rc_1", "v*"):
        token = github(platform, provider.issuer, sub=f"repo:acme/app:ref:refs/tags/{tag}")
        assert ask(provider, token).status_code == 200


@pytest.mark.parametrize("value", ["7654321", None, "", "1234567 ", True, 1234567.0, ["1234567"], {"1234567": 1}])
def test_further_claims_must_be_as_registered(provider: Provider, platform: State, value: object) -> None:
    assert refused(ask(provider, github(platform, provider.issuer, repository_owner_id=value)))[0] == "invalid_grant"
    assert reason(provider) == "another repository_owner_id"


def test_a_number_may_be_a_number(provider: Provider, platform: State) -> None:
    assert ask(provider, github(platform, provider.issuer, repository_owner_id=1234567)).status_code == 200


def test_a_refusal_names_the_nearest_subject_to_the_administrator_alone(provider: Provider, platform: State) -> None:
    answer = ask(provider, github(platform, provider.issuer, sub="repo:acme/app:ref:refs/heads/develop"))
    error, said = refused(answer)
    assert (error, "acme" in said) == ("invalid_grant", False)
    told = provider.events("token:assertion:refused")[-1]
    assert (told["issuer"], told["subject"], told["nearest"]) == (
        "platform",
        "repo:acme/app:ref:refs/heads/develop",
        MAIN,
    )
    # Asked for one client, of its own.
    refused(ask(provider, github(platform, provider.issuer), client_id="billing"))
    assert provider.events("token:assertion:refused")[-1]["nearest"] == POD


def test_a_client_that_is_named_must_be_one_of_the_subject_s(provider: Provider, platform: State) -> None:
    answers = {
        refused(ask(provider, github(platform, provider.issuer), client_id=client_id))
        for client_id in ("billing", "nightly", "portal", "dashboard", "nobody")
    }
    assert len(answers) == 1


def test_who_several_clients_let_in_says_which_one(provider: Provider, platform: State) -> None:
    other = CLIENTS[: CLIENTS.index("  - client_id: billing")].replace("deploy", "release")
    assert provider.declare(provider.clients_file.read_text() + other)
    assert refused(ask(provider, github(platform, provider.issuer)))[0] == "invalid_request"
    for client_id in ("deploy", "release"):
        claims = claims_of(provider, ask(provider, github(platform, provider.issuer), client_id=client_id))
        assert claims["sub"] == client_id


def test_who_authenticates_besides_must_be_that_client(provider: Provider, platform: State) -> None:
    token = github(platform, provider.issuer)
    refused_by_secret = ask(provider, token, Authorization=basic("nightly", SECRETS["nightly"]))
    assert refused(refused_by_secret)[0] == "invalid_grant"
    assert refused(ask(provider, token, Authorization=basic("nightly", "wrong")), 401)[0] == "invalid_client"
    assert refused(ask(provider, token, client_id="deploy", client_secret="x"), 401)[0] == "invalid_client"
    text = provider.clients_file.read_text().replace(
        "    name: Nightly job\n    type: service\n",
        '    name: Nightly job\n    type: service\n    workloads: [{issuer: platform, subject: "repo:acme/app:*"}]\n',
    )
    assert provider.declare(text)
    both = ask(
        provider,
        github(platform, provider.issuer, sub="repo:acme/app:pull_request"),
        Authorization=basic("nightly", SECRETS["nightly"]),
    )
    assert claims_of(provider, both)["sub"] == "nightly"
    # And its secret is still good by itself.
    assert provider.client("nightly").post("/token", {"grant_type": "client_credentials"}).status_code == 200


def test_a_client_without_a_secret_can_do_nothing_but_that(provider: Provider, platform: State) -> None:
    for data in ({"client_id": "deploy"}, {"client_id": "deploy", "client_secret": "x"}):
        assert refused(provider.post("/token", {"grant_type": "client_credentials"} | data), 401)[0] == "invalid_client"
    access = ask(provider, github(platform, provider.issuer)).get_json()["access_token"]
    for endpoint in ("/introspect", "/revoke", "/par"):
        assert refused(provider.post(endpoint, {"client_id": "deploy", "token": access}), 401)[0] == "invalid_client"


def sent(workers: list[Provider], token: str, number: int) -> int:
    return ask(workers[number % len(workers)], token).status_code


@always_on_both
def test_of_many_at_once_at_any_worker_one_token_counts_once(make_provider: MakeProvider) -> None:
    workers = [make_provider() for _ in range(2)]
    with running("authserver", "x", workers[0].clock) as platform:
        let_in(workers[0], platform.issuer)
        workers[1].declare(workers[0].clients_file.read_text())
        for make in (github, kubernetes):
            answers = at_once(partial(sent, workers, make(platform, workers[0].issuer)))
            assert sorted(answers) == [200] + [400] * (len(answers) - 1)
    assert reason(workers[0]) == "was used before"


def test_without_a_jti_another_signature_of_the_same_token_is_no_new_one(provider: Provider, platform: State) -> None:
    token = github(platform, provider.issuer, jti=None)
    assert ask(provider, token).status_code == 200
    assert refused(ask(provider, token))[0] == "invalid_grant"
    provider.clock.pass_(1)
    assert ask(provider, github(platform, provider.issuer, jti=None)).status_code == 200


def test_a_token_is_remembered_for_as_long_as_it_would_be_accepted(provider: Provider, platform: State) -> None:
    token = github(platform, provider.issuer)
    assert ask(provider, token).status_code == 200
    provider.clock.pass_(374)
    assert "used before" in refused(ask(provider, token))[1]
    provider.clock.pass_(1)
    refused(ask(provider, token))
    assert reason(provider) == "expired"


def test_tokens_of_pods_may_count_until_they_expire(make_provider: MakeProvider) -> None:
    provider = make_provider()
    with running("authserver", "x", provider.clock) as platform:
        let_in(provider, platform.issuer, ", single_use: false")
        token = kubernetes(platform, provider.issuer)
        for _ in range(3):
            assert ask(provider, token).status_code == 200
        provider.clock.pass_(3600 + 75)
        assert refused(ask(provider, token))[0] == "invalid_grant"


def test_a_token_may_be_bound_to_a_key(provider: Provider, platform: State) -> None:
    key = ProofKey(provider.clock)
    token = github(platform, provider.issuer)
    answer = ask(provider, token, DPoP=key.proof("POST", f"{provider.issuer}/token"))
    assert answer.get_json()["token_type"] == "DPoP"
    assert claims_of(provider, answer)["cnf"] == {"jkt": key.jkt}


def test_a_workload_that_is_no_longer_registered_has_no_new_token_and_a_client_that_is_gone_no_living_one(
    provider: Provider, platform: State
) -> None:
    access = ask(provider, github(platform, provider.issuer)).get_json()["access_token"]
    assert provider.is_alive(access)
    provider.amend("repo:acme/app:ref:refs/heads/main", "repo:acme/app:ref:refs/heads/release")
    assert refused(ask(provider, github(platform, provider.issuer)))[0] == "invalid_grant"
    provider.amend("client_id: deploy", "client_id: gone")
    assert not provider.is_alive(access)


def test_it_is_in_the_metadata(provider: Provider) -> None:
    document = provider.call("GET", "/.well-known/openid-configuration").get_json()
    assert "urn:ietf:params:oauth:grant-type:jwt-bearer" in document["grant_types_supported"]
