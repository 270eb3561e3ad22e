"""Whatever is sent to be registered, it is taken or refused in JSON, and what is taken is a client (Hypothesis)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.registering import APP, initial, manage, send

NAMES = [
    *("redirect_uris", "client_name", "grant_types", "response_types", "scope", "token_endpoint_auth_method", "jwks"),
    *("jwks_uri", "application_type", "subject_type", "sector_identifier_uri", "contacts", "logo_uri", "policy_uri"),
    *("tos_uri", "software_id", "software_version", "id_token_signed_response_alg", "initiate_login_uri", "client_uri"),
    "userinfo_signed_response_alg",
    *("backchannel_logout_uri", "backchannel_logout_session_required", "post_logout_redirect_uris", "client_id"),
    *("token_endpoint_auth_signing_alg", "software_statement", "client_secret", "registration_access_token"),
]
TEXT = st.text(max_size=40) | st.sampled_from(
    ["https://app.example.org/c", "http://localhost/c", "javascript:x", "none", "RS256", "openid", "native", "pairwise"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ONCE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """The server, without an end to how often one may ask."""
    return make_provider(registration_limit="100000 per minute")


@given(spoilt=st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=3))
@ONCE
def test_whatever_is_registered_is_a_client_or_refused(provider: Provider, spoilt: dict[str, Any]) -> None:
    # Nothing here asks another server: that one would be a stranger.
    spoilt.pop("sector_identifier_uri", None)
    answer = send(provider, APP | spoilt, initial(provider))
    assert answer.status_code in {201, 400}, answer.text
    if answer.status_code == 201:
        of = answer.get_json()
        client = provider.app.server.client(of["client_id"])
        assert client is not None
        assert client.consent == "once"
        assert not client.roles
        assert manage(provider, of).status_code == 200
        again = manage(provider, of, "PUT", APP | spoilt | {"client_id": of["client_id"]})
        assert again.status_code in {200, 400}, again.text
