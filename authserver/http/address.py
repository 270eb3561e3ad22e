"""Where a request comes from: the peer, or what a trusted proxy says of it.

RFC 7239 §8.1 (a forwarded address is only as good as who wrote it). https://www.rfc-editor.org/rfc/rfc7239#section-8.1
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from authserver.settings import Network

UNKNOWN = "0.0.0.0"  # noqa: S104 - not a bind address: what is written where the peer is not an IP address


def client_address(peer: str, forwarded_for: str | None, trusted: tuple[Network, ...]) -> str:
    """The address of the client. X-Forwarded-For is read from the right, past trusted proxies only."""
    if not trusted or not forwarded_for:
        return _peer(peer)
    found = parsed(peer)
    if found is None:
        return UNKNOWN
    if _is_within(found, trusted):
        for hop in reversed(forwarded_for.split(",")):
            address = parsed(hop.strip())
            if address is None:
                break
            found = address
            if not _is_within(found, trusted):
                break
    return str(found)


@lru_cache(maxsize=4096)
def is_trusted(peer: str, trusted: tuple[Network, ...]) -> bool:
    """Whether the peer is one of the proxies whose headers are believed."""
    found = parsed(peer) if trusted else None
    return found is not None and _is_within(found, trusted)


@lru_cache(maxsize=4096)
def limit_key(address: str) -> str:
    """What an address is counted under: itself, or for IPv6 its /64, which one subscriber has whole."""
    found = parsed(address)
    if isinstance(found, IPv6Address):
        return ":".join(found.exploded.split(":")[:4]) + "::/64"
    return address


@lru_cache(maxsize=4096)
def _peer(peer: str) -> str:
    found = parsed(peer)
    return UNKNOWN if found is None else str(found)


def _is_within(address: IPv4Address | IPv6Address, trusted: tuple[Network, ...]) -> bool:
    return any(address in network for network in trusted)


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a text is, if it is one."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # A v4 client on a v6 socket is the same client.
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
