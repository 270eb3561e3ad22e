"""`/picture/<handle>`: a picture that a person uploaded, for whoever was given its address."""

from flask import Response, abort, request

from authserver.pages.current import current_server
from authserver.pages.headers import keep_for, show_foreign_markup
from authserver.protocol.person.picture import picture_url
from authserver.store import profiles

# Seconds. Its address changes with it; this is how long one that was taken away is shown elsewhere at most.
AGE = 3600


def uploaded(handle: str) -> Response:
    """The picture. Applications show it to others, who have no session here: its address is all that it takes."""
    server = current_server()
    with server.database.read() as connection:
        found = profiles.find_picture(connection, handle, picture_url(server.settings.issuer, handle))
    if found is None:
        abort(404)
    # Opened by itself, it can be nothing but a picture, whatever a browser takes it for.
    show_foreign_markup()
    keep_for(AGE)
    response = Response(found.content, content_type="image/jpeg")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(found.digest.hex())
    response.make_conditional(request)
    return response
