"""Hosts of private networks: names that mean nothing, or something else, on the Internet, and addresses of their own.

RFC 1918 and RFC 4193 (addresses); RFC 6761 (test), RFC 6762 (local, and in appendix G the names that such networks are
known to use), RFC 8375 (home.arpa). https://www.rfc-editor.org/rfc/rfc6762#appendix-G
"""

import ipaddress

_NETWORKS = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_SUFFIXES = (
    *(".internal", ".intranet", ".private", ".corp", ".home", ".lan"),
    *(".local", ".home.arpa", ".test", ".localhost"),
)


def is_private_host(host: str) -> bool:
    """Whether a well-formed host, an IPv6 address in brackets, is one of a private network."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        # A name of one label is looked up in the domain of whoever asks.
        return "." not in host or host.endswith(_SUFFIXES)
    return any(address in network for network in _NETWORKS if network.version == address.version)
