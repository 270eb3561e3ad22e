"""What discovery does not advertise is refused, each with the error that its specification has for it."""

from pathlib import Path

import pytest

from tests.flows.conftest import MakeProvider
from tests.flows.flags import silent
from tests.flows.provider import Provider
from tests.flows.registry import SECRETS
from tests.flows.relying_party import basic
from tests.flows.test_metadata import metadata_of, signed_in

ALL_GRANTS = {
    "implicit",
    "password",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:openid:params:grant-type:ciba",
    "Authorization_Code",
    "authorization_code ",
}
ALL_RESPONSE_TYPES = {
    "token",
    "id_token",
    "id_token token",
    "code token",
    "code id_token",
    "code id_token token",
    "none",
}
ALL_RESPONSE_MODES = {"fragment", "web_message", "jwt", "query.jwt", "form_post.jwt", "fragment.jwt"}


@pytest.mark.parametrize("grant_type", sorted(ALL_GRANTS))
def test_a_grant_that_is_not_advertised_is_refused(provider: Provider, grant_type: str) -> None:
    assert grant_type not in metadata_of(provider)["grant_types_supported"]
    everything = {"username": "ada", "password": "x", "assertion": "x", "device_code": "x", "subject_token": "x"}
    response = provider.client("portal").post("/token", everything | {"grant_type": grant_type})
    assert response.status_code == 400
    assert response.get_json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("response_type", sorted(ALL_RESPONSE_TYPES))
def test_a_response_type_that_is_not_advertised_is_refused(provider: Provider, response_type: str) -> None:
    answer = silent(provider, provider.client("portal"), response_type=response_type)
    assert answer["error"] == "unsupported_response_type"
    assert not answer.keys() & {"code", "access_token", "id_token"}


@pytest.mark.parametrize("response_mode", sorted(ALL_RESPONSE_MODES))
def test_a_response_mode_that_is_not_advertised_is_refused(provider: Provider, response_mode: str) -> None:
    assert silent(provider, provider.client("portal"), response_mode=response_mode)["error"] == "invalid_request"


@pytest.mark.parametrize("method", ["plain", "s256", "S512"])
def test_a_challenge_method_that_is_not_advertised_is_refused(provider: Provider, method: str) -> None:
    answer = silent(provider, provider.client("portal"), code_challenge_method=method)
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://portal.example.com/request"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
    ],
)
def test_a_parameter_that_is_not_supported_is_answered_with_its_error(
    provider: Provider, changes: dict[str, str], error: str
) -> None:
    assert silent(provider, provider.client("portal"), **changes)["error"] == error


def test_making_an_account_is_a_prompt_only_where_people_may_sign_up(
    provider: Provider, make_provider: MakeProvider
) -> None:
    asked = provider.client("portal").ask(prompt="create")
    assert provider.browser().open(asked.url).error == "invalid_request"
    open_to_all = make_provider(signup="open")
    assert metadata_of(open_to_all)["prompt_values_supported"] == [
        *metadata_of(provider)["prompt_values_supported"],
        "create",
    ]
    landing = open_to_all.browser().open(open_to_all.client("portal").ask(prompt="create").url)
    assert landing.heading == "Create an account"


@pytest.mark.parametrize("scope", ["address", "phone", "admin:all"])
def test_a_scope_that_is_not_advertised_is_never_granted(provider: Provider, scope: str) -> None:
    assert signed_in(provider, "portal", scope=f"openid {scope}")["scope"] == "openid"


@pytest.mark.parametrize(
    ("type_", "assertion"),
    [
        ("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "e30.e30.e30"),
        ("urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "PHNhbWw-"),
    ],
)
@pytest.mark.parametrize("path", ["/token", "/revoke", "/introspect"])
def test_an_authentication_method_that_is_not_advertised_is_refused(
    provider: Provider, path: str, type_: str, assertion: str
) -> None:
    data = {"grant_type": "client_credentials", "token": "x", "client_id": "nightly"}
    data |= {"client_assertion_type": type_, "client_assertion": assertion}
    assert provider.post(path, data).status_code == 401


def test_a_public_client_may_not_introspect(provider: Provider) -> None:
    assert "none" not in metadata_of(provider)["introspection_endpoint_auth_methods_supported"]
    token = provider.client("dashboard").sign_in(provider.browser()).access_token
    assert provider.post("/introspect", {"token": token, "client_id": "dashboard"}).status_code == 401
    assert provider.post(
        "/introspect", {"token": token}, Authorization=basic("reports", SECRETS["reports"])
    ).get_json()["active"]


def test_the_readme_says_of_what_is_not_advertised_that_it_is_not_in_the_box(provider: Provider) -> None:
    said = (Path(__file__).parents[2] / "README.md").read_text().partition("What's not in the box")[2]
    said = said.partition("## Read on")[0]
    metadata = metadata_of(provider)
    absent = {
        "Dynamic client registration": "registration_endpoint" not in metadata,
        "DPoP": "dpop_signing_alg_values_supported" not in metadata,
        "back-channel nor": not metadata.get("backchannel_logout_supported"),
        "`claims` parameter": not metadata["claims_parameter_supported"],
        "JWT bearer": "urn:ietf:params:oauth:grant-type:jwt-bearer" not in metadata["grant_types_supported"],
        "pairwise": "pairwise" not in metadata["subject_types_supported"],
    }
    assert {name: name in said for name in absent} == absent
