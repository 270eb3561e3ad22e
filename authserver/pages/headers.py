"""Headers that every page carries: no framing, no caching, no referrer elsewhere, a strict content policy.

https://www.w3.org/TR/CSP3/ ; RFC 9700 §4.2.4, §4.16 ; OWASP ASVS 5 §3.4.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from authserver.http.machine import STAY_ON_HTTPS
from authserver.settings import Settings

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action {form_action}"
)
FOREIGN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
STATIC_AGE = 31_536_000
# Their URLs change with their content.
LASTING = frozenset({"static", "branding_logo", "branding_colours", "authorize.logo"})
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    # same-origin, since browsers send `Origin: null` with the forms of a page that says no-referrer.
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)
_ALWAYS_ON_HTTPS = (*_ALWAYS, STAY_ON_HTTPS)


def always(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The headers that never differ from page to page."""
    return _ALWAYS_ON_HTTPS if settings.scheme == "https" else _ALWAYS


def policy(form_action: str = "'self'") -> str:
    """The content policy of a page whose forms end at these sources."""
    return POLICY.format(form_action=form_action)


def allow_form_to(redirect_uri: str) -> None:
    """Let the forms of this page end at a client, and wherever its own callback leads on to.

    Browsers hold `form-action` against every redirect after a form, and say nothing to the person whose button then
    does nothing: to any https site, therefore, and by the client's own scheme (an IPv6 address no policy can name).
    """
    scheme = urlsplit(redirect_uri).scheme
    g.form_action = "'self' https:" if scheme == "https" else f"'self' https: {scheme}:"


def allow_fetch() -> None:
    """Let the script of this page read from this server, and from nowhere else."""
    g.connects = True


def show_foreign_markup() -> None:
    """Let this answer be markup that others wrote: it may style itself, and can run, load, or send nothing."""
    g.is_foreign = True


def keep_for(seconds: int) -> None:
    """Let anybody keep this answer for that long."""
    g.age = seconds


def init_headers(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer that Flask gives."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        if request.url_rule is not None:
            request.environ["authserver.endpoint"] = settings.path + request.url_rule.rule
        headers = response.headers
        for name, value in always(settings):
            headers[name] = value
        connects = "; connect-src 'self'" if g.get("connects") else ""
        own = policy(g.get("form_action", "'self'")) + connects
        headers["Content-Security-Policy"] = FOREIGN_POLICY if g.get("is_foreign") else own
        headers["X-Request-Id"] = request.environ["authserver.request_id"]
        if request.endpoint in LASTING and response.status_code == 200:
            headers["Cache-Control"] = f"public, max-age={STATIC_AGE}, immutable"
        elif "age" in g:
            headers["Cache-Control"] = f"public, max-age={g.age}"
        else:
            headers["Cache-Control"] = "no-store"
        return response
