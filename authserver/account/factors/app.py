"""`/account/factors/app`: an authenticator app, set up by a QR code or by hand, and proven with its first code.

The secret waits in the page itself, sealed for this session: nothing is kept of an app that is never proven.
"""

import secrets
from base64 import b32encode

import segno
from flask import Response, request, url_for
from markupsafe import Markup

from authserver import people
from authserver.account.factors.factors import MOST, may_set_up
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, show
from authserver.pages.language import gettext
from authserver.pages.redirect import see_page
from authserver.protocol.factors import totp
from authserver.protocol.person.profile import tidy
from authserver.signin import begin
from authserver.signin.factors import second
from authserver.signin.signed_in import signed_in
from authserver.signin.visit import Visit
from authserver.store.factors import held
from authserver.store.factors.tables import NAME_LENGTH
from authserver.store.sessions import Session
from authserver.store.users import User

# What else lies sealed under the master key is no secret of an app.
PURPOSE = "new-totp"
SECRET_BYTES = 20
WRONG = Fault(
    "That code is wrong. Check that your device shows the right time, and enter the code that the app shows now."
)


@signed_in("factors")
def app(person: User, session: Session) -> Response:
    """Show a new secret, or take its first code."""
    with current_server().database.read() as connection:
        is_full = len(held.of_person(connection, person.sub)) >= MOST
    if is_full or not may_set_up(person):
        return see_page("account.factors")
    if request.method == "GET":
        return _page(person, session, _new_secret())
    secret = _unsealed(person, session, request.form.get("sealed", ""))
    if secret is None:
        return see_page("account.app")
    return _submit(person, session, secret)


def _submit(person: User, session: Session, secret: str) -> Response:
    server = current_server()
    step = totp.matching_step(secret, request.form.get("code", "").replace(" ", ""), server.now())
    if step is None:
        return _page(person, session, secret, WRONG)
    name = tidy(request.form.get("name"), NAME_LENGTH) or gettext("Authenticator app")
    sealed = server.master.seal(secret.encode())
    with server.database.write() as connection:
        change = people.change_of(server, connection)
        is_first = not people.held_factors(change, person)
        if not people.add_totp(change, person, name, secret, sealed, step=step, session=session.sid):
            return see_page("account.factors")
        if not is_first:
            return see_page("account.factors")
        codes = people.make_recovery_codes(change, person)
        # Whoever has just shown the first code has proven the factor.
        begun = begin.step_up(connection, Visit(session, person, None), person, second.TOTP)
    response = show("account/factors/codes.html", person=person, codes=codes, onward=url_for("account.factors"))
    return begun.put_into(response) if begun else response


def _new_secret() -> str:
    return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _sealed(person: User, session: Session, secret: str) -> str:
    return current_server().master.seal(f"{PURPOSE} {person.sub} {session.sid} {secret}".encode()).decode()


def _unsealed(person: User, session: Session, sealed: str) -> str | None:
    opened = current_server().master.try_unseal(sealed.encode("utf-8", "replace"))
    kind, *bound = opened.decode().split(" ") if opened is not None else [""]
    return bound[2] if [kind, *bound[:2]] == [PURPOSE, person.sub, session.sid] else None


def _page(person: User, session: Session, secret: str, fault: Fault | None = None) -> Response:
    settings = current_server().settings
    issuer = settings.product_name or settings.authority
    uri = totp.key_uri(secret, person.username, issuer)
    drawn = segno.make(uri, error="m", micro=False).svg_inline(
        omitsize=True, svgclass="qr", lineclass=None, light="#ffffff"
    )
    return show(
        "account/factors/app.html",
        person=person,
        qr=Markup(drawn),  # noqa: S704 - drawn here
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        uri=uri,
        sealed=_sealed(person, session, secret),
        name=request.form.get("name", ""),
        name_length=NAME_LENGTH,
        fault=fault,
    )
