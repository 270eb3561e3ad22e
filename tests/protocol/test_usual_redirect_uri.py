"""Redirect URIs of the usual kind, which one pattern judges: it must hold to every rule."""

from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.client.client import ClientType
from authserver.protocol.request.redirect_uri import registration_fault

TYPES: list[ClientType] = ["web", "spa", "native", "service"]
LABELS = st.sampled_from(
    ["a", "0", "0x1f", "127", "255", "-", "a-b", "-a", "a-", "xn--bcher-kva", "example", "com", "A", ""]
)
HOSTS = st.lists(LABELS, min_size=1, max_size=5).map(".".join)
PATHS = st.lists(st.sampled_from(["", "cb", ".", "..", "a.b", "%2e", "~", "A_1-b", "@", "\n", "ä"]), max_size=4).map(
    "/".join
)


@given(HOSTS, PATHS, st.sampled_from(["", "/"]), st.sampled_from(TYPES))
def test_a_uri_of_the_usual_kind_is_judged_as_one_that_is_not(
    host: str, path: str, slash: str, client_type: ClientType
) -> None:
    uri = f"https://{host}{slash}{path}"
    # An empty query adds nothing to a URI, and none of the usual kind has one.
    assert registration_fault(uri, client_type) == registration_fault(f"{uri}?", client_type)
