"""Headers that every page carries: no framing, no caching, no referrer elsewhere, a strict content policy.

https://www.w3.org/TR/CSP3/ ; RFC 9700 §4.2.4, §4.16 ; OWASP ASVS 5 §3.4.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from authserver.settings import Settings

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action {form_action}"
)
STATIC_AGE = 31_536_000
# Their URLs change with their content.
LASTING = frozenset({"static", "branding_logo", "branding_colours"})
STAY_ON_HTTPS = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
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
    """Let the forms of this page end at a client: browsers apply `form-action` to the redirects after a form, too."""
    parts = urlsplit(redirect_uri)
    # CSP3 §2.3.1 has no way to write an IPv6 address, and browsers ignore the source that tries.
    has_host_source = parts.scheme in {"http", "https"} and not parts.netloc.startswith("[")
    source = f"{parts.scheme}://{parts.netloc}" if has_host_source else f"{parts.scheme}:"
    g.form_action = f"'self' {source}"


def init_headers(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer that Flask gives."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        for name, value in always(settings):
            headers[name] = value
        headers["Content-Security-Policy"] = policy(g.get("form_action", "'self'"))
        headers["X-Request-Id"] = request.environ["authserver.request_id"]
        if request.endpoint in LASTING and response.status_code == 200:
            headers["Cache-Control"] = f"public, max-age={STATIC_AGE}, immutable"
        else:
            headers["Cache-Control"] = "no-store"
        return response
