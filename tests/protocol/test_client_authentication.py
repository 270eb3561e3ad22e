"""Exactly one client authentication in a request (RFC 6749 §2.3, §2.3.1)."""

from base64 import b64encode
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.client.authentication import Presented, presented_credentials
from authserver.protocol.client.secret import Secret, matches_secret
from authserver.protocol.digest import digest
from authserver.protocol.errors import ProtocolError
from authserver.protocol.parameters import Parameters, parse
from tests.protocol.values import NOW

NOTHING = Parameters({})


def basic(credentials: bytes) -> str:
    return "Basic " + b64encode(credentials).decode()


@pytest.mark.parametrize(
    ("authorization", "body", "presented"),
    [
        # RFC 6749 §2.3.1, both examples.
        ("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", b"", Presented("client_secret_basic", "s6BhdRkqt3", "gX1fBat3bV")),
        (
            None,
            b"grant_type=refresh_token&client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw",
            Presented("client_secret_post", "s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"),
        ),
        (None, b"client_id=s6BhdRkqt3", Presented("none", "s6BhdRkqt3")),
        (None, b"client_id=a&client_secret=", Presented("none", "a")),
        ("basic czZCaGRSa3F0MzpnWDFmQmF0M2JW", b"", Presented("client_secret_basic", "s6BhdRkqt3", "gX1fBat3bV")),
        (basic(b"a:b"), b"client_id=a", Presented("client_secret_basic", "a", "b")),
        (basic(b"a:b:c"), b"", Presented("client_secret_basic", "a", "b:c")),
        # Appendix B: both parts are form-encoded first.
        (basic(b"a%3Ab:%2B+%C3%A9"), b"", Presented("client_secret_basic", "a:b", "+ é")),
    ],
)
def test_one_authentication_is_read_as_it_was_written(
    authorization: str | None, body: bytes, presented: Presented
) -> None:
    assert presented_credentials(authorization, parse(body)) == presented


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !",
        "Basic YQ",
        "Basic é",
        "Bearer YTpi",
        "Digest YTpi",
        basic(b"a"),
        basic(b":"),
        basic(b"a:"),
        basic(b":b"),
        basic(b"\xff:b"),
        basic(b"a:%ff"),
        "Basic YTpi\n\nYTpi",
        "Basic YTpi, Basic YTpi",
    ],
)
def test_a_malformed_header_is_an_invalid_client_with_a_challenge(authorization: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        presented_credentials(authorization, NOTHING)
    assert (refused.value.error, refused.value.status) == ("invalid_client", 401)
    assert dict(refused.value.headers)["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("authorization", "body"),
    [
        (basic(b"a:b"), b"client_secret=b"),
        (basic(b"a:b"), b"client_id=a&client_secret=b"),
        (basic(b"a:b"), b"client_id=other"),
        ("Bearer x", b"client_id=a&client_secret=b"),
    ],
)
def test_two_authentications_are_an_invalid_request(authorization: str, body: bytes) -> None:
    with pytest.raises(ProtocolError) as refused:
        presented_credentials(authorization, parse(body))
    assert refused.value.error == "invalid_request"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"client_secret=b",
        b"client_id=",
        b"client_assertion=x&client_id=a",
        b"client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_id=a",
    ],
)
def test_without_a_header_nothing_challenges_the_browser(body: bytes) -> None:
    with pytest.raises(ProtocolError) as refused:
        presented_credentials(None, parse(body))
    assert (refused.value.error, refused.value.status, refused.value.headers) == ("invalid_client", 401, ())


@given(st.one_of(st.none(), st.text(max_size=60), st.binary(max_size=60).map(basic)), st.binary(max_size=60))
def test_whatever_is_presented_is_read_or_refused(authorization: str | None, body: bytes) -> None:
    try:
        presented = presented_credentials(authorization, parse(body))
    except ProtocolError as error:
        assert error.error in {"invalid_client", "invalid_request"}  # noqa: PT017 - either outcome is right
    else:
        assert presented.client_id
        assert bool(presented.secret or presented.assertion) is (presented.method != "none")


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@given(TEXT, TEXT)
def test_any_credentials_that_a_client_encodes_arrive_unchanged(client_id: str, secret: str) -> None:
    authorization = basic(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode())
    assert presented_credentials(authorization, NOTHING) == Presented("client_secret_basic", client_id, secret)


def test_a_secret_is_nowhere_in_what_is_logged_of_it() -> None:
    assert "gX1fBat3bV" not in repr(Presented("client_secret_basic", "s6BhdRkqt3", "gX1fBat3bV"))
    assert repr(digest("s")) not in repr(Secret(digest("s")))


@pytest.mark.parametrize(
    ("presented", "matches"),
    [("new", True), ("old", True), ("expired", False), ("New", False), ("new\0", False), ("", False)],
)
def test_every_secret_that_has_not_expired_is_accepted_and_nothing_like_it(presented: str, matches: bool) -> None:
    secrets = (Secret(digest("new")), Secret(digest("old"), NOW + 1), Secret(digest("expired"), NOW))
    assert matches_secret(secrets, digest(presented), NOW) is matches
