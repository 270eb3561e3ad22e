"""Who asks: the APIs, roles and clients that an administrator declares in clients.yaml.

Client metadata: RFC 7591 §2, https://www.rfc-editor.org/rfc/rfc7591
Native applications: RFC 8252, https://www.rfc-editor.org/rfc/rfc8252
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from authserver.http.mount import Mount
    from authserver.server import Server


def mount(server: "Server") -> "Mount":
    # Here, since commands read clients.yaml without a server.
    from authserver.clients.registration import mounted

    return mounted(server)
