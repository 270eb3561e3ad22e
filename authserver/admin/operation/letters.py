"""`/admin/mail/letters/<name>`: every letter in every language, as whoever looks would get it, with made-up facts."""

from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, request

import authserver
from authserver.admin.administrator import Administrator, administers, nobody, shown
from authserver.languages import AVAILABLE, ORIGINAL
from authserver.mail.look import CONTENT_ID, look_of
from authserver.mail.message import compose
from authserver.pages.current import current_server
from authserver.pages.headers import show_foreign_markup
from authserver.protocol.person.claims import PROFILE

DAY = 86400
_FOLDER = Path(authserver.__file__).parent / "templates" / "mail"


@cache
def letters() -> tuple[str, ...]:
    """The names of all letters."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.jinja")))


@administers("read:events")
def letter(administrator: Administrator, name: str) -> Response:
    """Show the subject and the text of a letter, and lead to how it looks."""
    if name not in letters():
        return nobody()
    language = _language()
    subject, text, _ = _composed(administrator, name, language)
    return shown(
        "letter",
        administrator,
        current="mail",
        name=name,
        language=language,
        languages=AVAILABLE,
        subject=subject,
        text=text,
    )


@administers("read:events")
def letter_html(administrator: Administrator, name: str) -> Response:
    """Show a letter as a mail program does. Nothing in it runs, and nothing is loaded for it."""
    if name not in letters():
        return nobody()
    show_foreign_markup()
    return Response(_composed(administrator, name, _language())[2], mimetype="text/html")


def _language() -> str:
    wanted = request.args.get("language", ORIGINAL)
    return wanted if wanted in AVAILABLE else ORIGINAL


def _composed(administrator: Administrator, name: str, language: str) -> tuple[str, str, str]:
    settings = current_server().settings
    to = administrator.person.email or "ada@example.com"
    message = compose(settings, name, to, current_server().now(), _facts(administrator), language)
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None  # noqa: S101, PT018 - every letter has both
    look = look_of(settings)
    # What travels with a letter stands in the page itself.
    logo = f"data:{look.logo_type};base64,{b64encode(look.logo).decode()}"
    return str(message["Subject"]), text.get_content(), html.get_content().replace(f"cid:{CONTENT_ID}", logo)


def _facts(administrator: Administrator) -> dict[str, Any]:
    """Made up, but for who reads it: whatever some letter tells."""
    server = current_server()
    now, names = server.now(), sorted(server.registry.roles)[:2] or ["user"]
    return {
        "user": administrator.person,
        "at": now,
        "by_administrator": True,
        "link": f"{server.settings.issuer}/…",
        "code": "123456",
        "lifetime": 1800,
        "email": "new@example.com",
        "is_gone": False,
        "browser": "Firefox on Linux",
        "address": "192.0.2.1",
        "sessions": 2,
        "authorizations": 1,
        "roles": ((names[0],), (names[-1],)),
        "groups": ((), tuple(sorted(server.registry.groups)[:1])),
        "is_signed_out": True,
        "fields": ["name", "picture"],
        "labels": {each.name: each.label for each in PROFILE.values()},
        "provider": "Google",
        "change": "added",
        "name": "My phone",
        "left": 9,
        "works_from": now + DAY,
    }
