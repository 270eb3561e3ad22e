"""A proxy that nobody has named in `trusted_proxies`: everybody behind it is one address, and shares its limits."""

import structlog

from authserver.http.address import parsed
from authserver.server import Server

# So many different clients of one peer make it a proxy; so many peers are looked at.
DIFFERENT, MOST_PEERS = 10, 32
SETTING = "trusted_proxies"
WARNING = (
    "trusted_proxies: an address that is not listed there forwards for many clients, which all share its limits. "
    "The log line proxy:not_trusted names it."
)
_log = structlog.get_logger("authserver")


def note(server: Server, peer: str, forwarded_for: str) -> None:
    """Note that X-Forwarded-For of this peer was not believed; once it is clear that it is a proxy, say so, once."""
    if SETTING in server.warnings:
        return
    by_peer = server.forwarded_by
    client = parsed(forwarded_for.rpartition(",")[2].strip())
    if client is None or (peer not in by_peer and len(by_peer) >= MOST_PEERS):
        return
    clients = by_peer.setdefault(peer, set())
    clients.add(str(client))
    if len(clients) < DIFFERENT:
        return
    server.warnings[SETTING] = WARNING
    by_peer.clear()
    _log.warning(
        "proxy:not_trusted",
        peer=peer,
        hint="If this is your proxy, add its network to AUTHSERVER_TRUSTED_PROXIES: until then, everyone behind it "
        "shares one address and its limits. If it is not, someone is forging X-Forwarded-For, which has no effect.",
    )
