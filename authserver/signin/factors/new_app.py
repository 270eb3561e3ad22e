"""An authenticator app that is set up by a QR code or by hand, and proven with its first code.

The secret waits in the page itself, sealed for this session: nothing is kept of an app that is never proven.
"""

import secrets
from base64 import b32encode
from typing import Any

from flask import request
from markupsafe import Markup

from authserver.pages.current import current_server
from authserver.pages.fault import Fault
from authserver.pages.language import gettext
from authserver.protocol.factors import totp
from authserver.protocol.person.profile import tidy
from authserver.store.factors.tables import NAME_LENGTH
from authserver.store.users import User

# What else lies sealed under the master key is no secret of an app.
PURPOSE = "new-totp"
SECRET_BYTES = 20
WRONG = Fault(
    "That code is wrong. Check that your device shows the right time, and enter the code that the app shows now."
)


def new_secret() -> str:
    """A secret that nobody has seen."""
    return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sent_secret(person: User, sid: str) -> str | None:
    """The secret that comes back with the form; None where it is not one that was shown in this session."""
    sealed = request.form.get("sealed", "").encode("utf-8", "replace")
    opened = current_server().master.try_unseal(sealed)
    kind, *bound = opened.decode().split(" ") if opened is not None else [""]
    return bound[2] if [kind, *bound[:2]] == [PURPOSE, person.sub, sid] else None


def sent_step(secret: str) -> int | None:
    """The step of the code that comes with it; None where it is wrong."""
    return totp.matching_step(secret, request.form.get("code", "").replace(" ", ""), current_server().now())


def sent_name() -> str:
    """What the app is to be called."""
    return tidy(request.form.get("name"), NAME_LENGTH) or gettext("Authenticator app")


def shown(person: User, sid: str, secret: str) -> dict[str, Any]:
    """What its page shows."""
    # Only here is anything drawn.
    import segno

    server = current_server()
    uri = totp.key_uri(secret, person.username, server.settings.product_name or server.settings.authority)
    drawn = segno.make(uri, error="m", micro=False).svg_inline(
        omitsize=True, svgclass="qr", lineclass=None, light="#ffffff"
    )
    return {
        "qr": Markup(drawn),  # noqa: S704 - drawn here
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "uri": uri,
        "sealed": server.master.seal(f"{PURPOSE} {person.sub} {sid} {secret}".encode()).decode(),
        "name": request.form.get("name", ""),
        "name_length": NAME_LENGTH,
    }
