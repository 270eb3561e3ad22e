"""`/account/picture`: the picture of a person, uploaded or taken away."""

from flask import Response, request

from authserver import people, pictures
from authserver.http import limits
from authserver.http.aside import aside
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, show, too_many
from authserver.pages.redirect import see_page
from authserver.pictures import MOVES, NO_PICTURE, TOO_MANY_PIXELS, PictureError
from authserver.protocol.words import marked
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User

MOST_BYTES = 5_000_000
# Each costs up to a second of a processor.
LIMIT = "20 per hour"
NONE = Fault(marked("Choose a file first."))
GONE = Fault(marked("This account no longer exists, so nothing was saved."), 404)
REFUSALS = {
    NO_PICTURE: Fault(marked("That file isn’t a JPEG, PNG, or WebP image, or it’s damaged. Choose another one.")),
    TOO_MANY_PIXELS: Fault(marked("That image has more than 24 million pixels. Choose a smaller one.")),
    MOVES: Fault(marked("That image is animated. Choose one that doesn’t move.")),
}


@signed_in("picture")
def picture(person: User, _session: Session) -> Response:
    """Show the picture, replace it, or take it away."""
    if request.method == "GET":
        return _page(person)
    if request.form.get("act") == "remove":
        server = current_server()
        with server.database.write() as connection:
            people.change_profile(people.change_of(server, connection), person, {"picture": None})
        return see_page("account.picture", done="removed")
    fault = _upload(person)
    return _page(person, fault) if fault else see_page("account.picture", done="saved")


def _upload(person: User) -> Fault | None:
    server, file = current_server(), request.files.get("picture")
    content = file.read() if file else b""
    if not content:
        return NONE
    wait = limits.hit(server.limiter, LIMIT, "picture", person.sub)
    if wait:
        return too_many(wait)
    try:
        with aside():
            made = pictures.portrait(content)
    except PictureError as error:
        return REFUSALS[str(error)]
    with server.database.write() as connection:
        is_kept = people.set_picture(people.change_of(server, connection), person, made, server.settings.issuer)
    return None if is_kept else GONE


def _page(person: User, fault: Fault | None = None) -> Response:
    return show("account/picture.html", person=person, fault=fault, done=request.args.get("done", ""))
