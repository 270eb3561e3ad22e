"""Where a call may lead: the form of a URL, and the addresses that its name stands for.

OWASP SSRF; RFC 6890 (special-purpose addresses). Names are of no use here: who owns one may let it lead anywhere.
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from authserver.protocol.provider import LOOPBACK_HOSTS

# Within Azure this public address answers with what a machine there must keep to itself.
_OF_A_CLOUD = frozenset({ip_address("168.63.129.16")})
# RFC 4291 §2.4: what is given to anybody on the Internet; RFC 6052 §2.1: how such hosts reach those with IPv4 alone.
_GIVEN, _NAT64 = IPv6Network("2000::/3"), IPv6Network("64:ff9b::/96")


def is_loopback(url: str) -> bool:
    """Whether this is an http URL of this machine, where http is good enough."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS


def is_acceptable(url: object, may_be_local: bool, *, http: bool = False) -> bool:
    """Whether a URL that somebody names may be called, or a browser be sent to it: https, or http on this machine.

    With `http` that may lead to any machine.
    """
    if not isinstance(url, str) or len(url) > 2000 or not (url.isascii() and url.isprintable()) or " " in url:
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or "\\" in url or parts.fragment:
        return False
    if parts.scheme == "http":
        return http or (may_be_local and host in LOOPBACK_HOSTS)
    return parts.scheme == "https"


def is_public(text: str) -> bool:
    """Whether an IP address is one of the Internet: of no loopback, private, link-local or other special network.

    An IPv6 address that stands for an IPv4 one is as public as that.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        inner = IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address.ipv4_mapped
        if inner is not None:
            return is_public(str(inner))
        # 6to4 (RFC 7526: given up) leads to the IPv4 address that it carries.
        if address not in _GIVEN or address.sixtofour is not None:
            return False
    return address.is_global and not address.is_multicast and address not in _OF_A_CLOUD
