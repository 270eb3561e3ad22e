"""The address of a client: the peer, or what a trusted proxy says of it."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.http.address import UNKNOWN, client_address, limit_key

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.1", None, "203.0.113.1"),
        ("203.0.113.1", "198.51.100.1", "203.0.113.1"),  # nobody vouches for the header
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # what the client wrote itself stands left
        ("10.0.0.1", "198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "10.1.1.1, 10.9.9.9", "10.1.1.1"),
        ("10.0.0.1", "198.51.100.1, junk", "10.0.0.1"),
        ("10.0.0.1", "junk, 10.9.9.9", "10.9.9.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", ",", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "10.0.0.1"),
        ("2001:db8:ffff::1", "2001:db8:1::7", "2001:db8:1::7"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("", "198.51.100.1", UNKNOWN),
        ("unix:", None, UNKNOWN),
    ],
)
def test_x_forwarded_for_is_read_from_the_right_past_trusted_proxies_only(
    peer: str, forwarded: str | None, address: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == address


def test_without_trusted_proxies_the_header_is_nothing() -> None:
    assert client_address("10.0.0.1", "198.51.100.1", ()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("198.51.100.1", "198.51.100.1", True),
        ("198.51.100.1", "198.51.100.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("2001:db8::1", "2001:db8:0:0:1::1", True),
    ],
)
def test_an_ipv6_subscriber_is_counted_as_one(one: str, other: str, same: bool) -> None:
    assert (limit_key(one) == limit_key(other)) is same


@given(st.text(max_size=40), st.one_of(st.none(), st.text(max_size=80)))
def test_any_header_gives_an_address_that_fits_its_column(peer: str, forwarded: str | None) -> None:
    address = client_address(peer, forwarded, PROXIES)
    assert len(address) <= 45
    assert limit_key(address)


@given(st.text(max_size=80))
def test_a_header_from_an_untrusted_peer_never_changes_the_address(forwarded: str) -> None:
    assert client_address("203.0.113.1", forwarded, PROXIES) == "203.0.113.1"
