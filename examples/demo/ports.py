"""Which ports the three processes take, and a plain word where one is taken."""

import os
import socket
from dataclasses import dataclass


class PortError(Exception):
    """A port cannot be used; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Each is set by an environment variable; `smtp` is any free one."""

    server: int
    portal: int
    resource: int
    mail: int
    provider: int
    smtp: int


def choose() -> Ports:
    """The ports to use, each free at this moment. Raises PortError."""
    ports = Ports(
        _free("PORT", 8080, "the server"),
        _free("PORTAL_PORT", 8081, "the relying party"),
        _free("RESOURCE_PORT", 8082, "the resource server"),
        _free("MAIL_PORT", 8083, "the mailbox"),
        _free("EXAMPLE_PORT", 8084, "the example provider"),
        _any_free(),
    )
    if len({ports.server, ports.portal, ports.resource, ports.mail, ports.provider}) < 5:
        raise PortError("PORT, PORTAL_PORT, RESOURCE_PORT, MAIL_PORT and EXAMPLE_PORT must be five different ports.")
    return ports


def _free(variable: str, default: int, purpose: str) -> int:
    text = os.environ.get(variable) or str(default)
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise PortError(f"{variable} must be a port number from 1 to 65535.")
    port = int(text)
    other = port + 1000 if port < 64000 else default + 10
    # `localhost` may mean either address: a stranger on the other one would get the browser's requests.
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        if not _can_bind(family, address, port):
            raise PortError(
                f"Port {port} ({purpose}) is taken by another program.\n"
                f"Stop that program, or choose another port: make run {variable}={other}"
            )
    return port


def _any_free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _can_bind(family: socket.AddressFamily, address: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError:
        return family == socket.AF_INET6 and not _has_ipv6()
    return True


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
