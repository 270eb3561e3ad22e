"""`/logo/<digest>/<client_id>`: the logo of a client, from this site as everything on its pages."""

from flask import Response, abort

from authserver.pages.current import current_server
from authserver.pages.headers import show_foreign_markup


def logo(digest: str, client_id: str) -> Response:
    """The picture. Its address changes with it, so that it can be kept for good."""
    client = current_server().client(client_id)
    if client is None or client.logo is None or client.logo.digest != digest:
        abort(404)
    # Opened by itself, it can be nothing but a picture, whatever a browser takes it for.
    show_foreign_markup()
    return Response(client.logo.content, content_type=client.logo.content_type)
