"""Pages answer at the address of the issuer alone; who opened another one is told which, and where this server is.

`Host`, `X-Forwarded-Host` and `Origin` are read for that sentence and for nothing else. RFC 9110 §7.2, RFC 6454 §7.
https://www.rfc-editor.org/rfc/rfc9110#section-7.2
"""

import re
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, request

from authserver.http.address import is_trusted
from authserver.pages.errors import error_page
from authserver.pages.headers import LASTING
from authserver.pages.language import gettext
from authserver.protocol.origin import origin_of
from authserver.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

OPENED, IS_ELSEWHERE = "authserver.opened", "authserver.is_elsewhere"
# What only something in between adds, which may have put a name of its own into Host.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_VIA")
# What an address bar can hold; anything else is not repeated.
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
# Each name is told of once, and a scanner of names does not fill the log.
MOST_NAMES = 32
ADVICE = "pages answer only at the issuer: open that address, set AUTHSERVER_ISSUER, or have the proxy pass Host on"
_log = structlog.get_logger("authserver")


class Elsewhere:
    """Tells whether a page was opened at another address than the issuer's."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told: set[str] = set()
        self.origin = _origin(settings.issuer)

    def note(self, environ: "WSGIEnvironment") -> bool:
        """Whether this request surely came to another address; what is not sure goes into the log alone.

        Without a proxy `Host` is what was opened. A proxy may put a name of its own there, so behind one it is
        `X-Forwarded-Host`, from a proxy that is trusted.
        """
        settings = self._settings
        host: str = environ.get("HTTP_HOST", "")
        is_proxy = is_trusted(environ.get("REMOTE_ADDR", ""), settings.trusted_proxies)
        if is_proxy and (forwarded := environ.get("HTTP_X_FORWARDED_HOST")):
            host, is_sure = forwarded.partition(",")[0].strip(), True
        else:
            is_direct = not is_proxy and not any(name in environ for name in FORWARDED)
            is_sure = is_direct and (settings.is_loopback or bool(settings.trusted_proxies))
        environ[OPENED] = host
        is_ours = not host or host == settings.authority or _origin(f"{settings.scheme}://{host}") == self.origin
        if not is_ours:
            self._tell(host, is_sure=is_sure)
        environ[IS_ELSEWHERE] = is_sure and not is_ours
        return is_sure and not is_ours

    def opened(self) -> str | None:
        """The origin at which this form was opened, where that is neither ours nor another site's."""
        site, sent = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "")
        origin = _origin(sent)
        if origin is None or origin == self.origin:
            return None
        # Browsers send Sec-Fetch-Site over https and on this machine only; without it the host must be the same.
        is_same = site == "same-origin" or (site is None and origin == _origin(f"http://{request.environ[OPENED]}"))
        return origin if is_same else None

    def page(self, opened: str, status: int) -> Response:
        """Say what was opened and where this server is. The link is ours; what was received is text, and bounded."""
        issuer = self._settings.issuer
        is_plain = _AUTHORITY.fullmatch(opened.partition("//")[2] or opened)
        return error_page(
            status,
            gettext("You’re at a different address"),
            gettext(
                "You opened %(opened)s, but this server is %(issuer)s.",
                opened=opened if is_plain else gettext("another address"),
                issuer=issuer,
            ),
            gettext("You can only sign in at the server’s own address. Nothing was done here."),
            button=(f"{issuer}/", gettext("Go to %(client)s", client=issuer)),
        )

    def _tell(self, host: str, *, is_sure: bool) -> None:
        if host in self._told or len(self._told) >= MOST_NAMES:
            return
        self._told.add(host)
        say = _log.warning if is_sure else _log.info
        say("http:opened_elsewhere", opened=host[:300], issuer=self._settings.issuer, advice=ADVICE)


def init_elsewhere(app: Flask, elsewhere: Elsewhere) -> None:
    """Answer a GET at another address with where to go, before a form is filled in for nothing."""

    @app.before_request
    def say_where_we_are() -> Response | None:
        is_page = request.method == "GET" and request.endpoint is not None and request.endpoint not in LASTING
        if is_page and request.environ[IS_ELSEWHERE]:
            return elsewhere.page(request.environ[OPENED], 421)
        return None


def _origin(url: str) -> str | None:
    try:
        return origin_of(url.lower())
    except ValueError:  # brackets around what is no IPv6 address
        return None
