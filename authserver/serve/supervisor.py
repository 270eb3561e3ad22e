"""What a supervisor such as systemd is told: that the server serves.

sd_notify(3). https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

import os
import socket

import structlog

_log = structlog.get_logger("authserver")


def tell_ready() -> None:
    """Tell whoever started this process and listens, as systemd does with `Type=notify`. It may be told again."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # With an @, it has no file: unix(7).
    name = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notice:
            notice.sendto(b"READY=1", name)
    except OSError as error:
        _log.warning("supervisor:not_told", address=address, reason=error.strerror)
