"""Which language a page is in, and which zone its times: what the client asks for, the person chose, the browser says.

OpenID Connect Core §3.1.2.1 (ui_locales); RFC 9110 §12.5.4. https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
"""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_skeleton
from babel.lists import format_list
from flask import Flask, g, request
from flask_babel import Babel, get_locale
from flask_babel import gettext as _gettext
from flask_babel import ngettext as _ngettext

from authserver import times
from authserver.languages import AVAILABLE, FOLDER, choose
from authserver.pages.current import current_server
from authserver.settings import Settings
from authserver.store.users import User

MOST_TAGS = 10
# What pages can be in.
SPOKEN = AVAILABLE


def init_language(app: Flask, settings: Settings) -> None:
    """Translate what pages say; `language` is a page's; the filters `ago`, `day`, `exactly` and `duration` speak it.

    `zone_is_known()` is false where times are in UTC because nobody said where the person is.
    """

    def select() -> str:
        asked = request.args.get("ui_locales", "").split(" ")[:MOST_TAGS]
        accepted = [tag for tag, _quality in request.accept_languages][:MOST_TAGS]
        return choose([*asked, *g.get("ui_locales", ()), g.get("locale"), *accepted], settings.language)

    Babel(app, default_translation_directories=str(FOLDER), locale_selector=select)
    app.jinja_env.filters.update(ago=ago, day=day, exactly=exactly, duration=duration)
    app.jinja_env.globals.update(zone_is_known=lambda: g.get("zone") is not None)

    @app.context_processor
    def language() -> dict[str, str]:
        return {"language": str(get_locale())}


def speak_to(person: User | None, ui_locales: Sequence[str] = ()) -> None:
    """From here on pages are in the language that the client asked for, or else in the person's, and in their zone."""
    g.ui_locales = ui_locales
    if person is not None:
        g.locale = person.profile["locale"]
        g.zone = times.zone(person.profile["zoneinfo"])


def gettext(message: str, **values: object) -> str:
    """The message in the language of the page, with these values in the places of `%(name)s`."""
    return str(_gettext(message, **values))


def ngettext(one: str, many: str, num: int) -> str:
    """As `gettext`, for a number of things."""
    return str(_ngettext(one, many, num))


def listed(items: Sequence[str]) -> str:
    """Several things in a row, as the language of the page joins them: "a, b, and c"."""
    return str(format_list(items, locale=get_locale()))


def exactly(seconds: int) -> str:
    """A time in the language of the page and the zone of the person, or else in UTC."""
    return times.exactly(seconds, str(get_locale()), g.get("zone"))


def day(of: date) -> str:
    """A day without its year, as the language of the page writes it briefly: `Jan 15`."""
    return str(format_skeleton("MMMd", of, locale=get_locale()))


def ago(seconds: int) -> str:
    """How long ago it was, or how long it is until then, in the language of the page."""
    return times.ago(seconds, current_server().now(), str(get_locale()))


def duration(seconds: int) -> str:
    """A length of time in words, never shorter than it is."""
    if seconds <= 90:
        return ngettext("%(num)d second", "%(num)d seconds", seconds)
    if seconds <= 5400:
        return ngettext("%(num)d minute", "%(num)d minutes", -(-seconds // 60))
    hours = -(-seconds // 3600)
    if hours <= 48:
        return ngettext("%(num)d hour", "%(num)d hours", hours)
    return ngettext("%(num)d day", "%(num)d days", -(-seconds // 86400))
